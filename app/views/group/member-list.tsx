/** Who is in the group, with their roles. A press opens what is known of a member, the dots what can be done. */
import "./member-list.css";
import type { ConversationId, GroupMemberView, GroupView } from "@kith/core";
import CircleUserRound from "lucide-solid/icons/circle-user-round";
import Ellipsis from "lucide-solid/icons/ellipsis";
import ShieldCheck from "lucide-solid/icons/shield-check";
import UserPlus from "lucide-solid/icons/user-plus";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { Menu } from "../../components/menu.tsx";
import { roleWords } from "../../i18n/group-words.ts";
import { presenceInWords } from "../../i18n/people-words.ts";
import { t, tCount } from "../../i18n/words.ts";
import { rowsOf } from "../../live/from-live.ts";
import { now } from "../../platform/clock.ts";
import { matches } from "../palette/find.ts";
import type { Ask } from "./group-dialog.ts";
import { useMemberActs } from "./member-acts.ts";
import { calledName, givenName, listedName, membersNow } from "./member-names.ts";

export interface MemberListProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly onAsk: Ask;
}

/** With more members than this one may search them. */
const fewMembers = 8;

export function MemberList(props: MemberListProps) {
  const members = rowsOf(() => membersNow(props.group), "account");
  const [query, setQuery] = createSignal("");
  const [menu, setMenu] = createSignal<{ readonly member: GroupMemberView; readonly x: number; readonly y: number }>();
  const actsOf = useMemberActs(
    () => props.id,
    () => props.group,
    (dialog) => props.onAsk(dialog),
  );
  const found = createMemo(() => members().filter(({ name, knownAs }) => matches(`${knownAs} ${name}`, query())));
  const openMenu = (member: GroupMemberView, button: HTMLElement) => {
    const { left, bottom } = button.getBoundingClientRect();
    setMenu({ member, x: left, y: bottom });
  };
  const many = () => members().length > fewMembers;

  return (
    <section class="details-part" aria-labelledby="group-members">
      <div class="members-head">
        <h3 id="group-members" class="details-part-title">
          {tCount("group.members", members().length)}
        </h3>
        <Show when={props.group.rights.add}>
          <button type="button" class="button button-quiet" onClick={() => props.onAsk({ kind: "add" })}>
            <UserPlus size={18} />
            {t("group.addPeople")}
          </button>
        </Show>
      </div>
      <Show when={many()}>
        <input
          class="field-input"
          type="search"
          autocomplete="off"
          aria-label={t("group.findMember")}
          placeholder={t("group.findMember")}
          value={query()}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </Show>
      <ul class="members" aria-label={t("group.people")}>
        <For each={found()} fallback={<li class="muted small">{t("group.noMember")}</li>}>
          {(member) => (
            <li class="member" classList={{ "member-of-blocked": member.standing === "blocked" }}>
              <MemberButton member={member} onOpen={() => props.onAsk({ kind: "member", account: member.account })} />
              <Show when={actsOf(member).length > 0}>
                <button
                  type="button"
                  class="icon-button member-more"
                  aria-label={t("group.memberMenu", { name: calledName(member) })}
                  aria-haspopup="menu"
                  onClick={(event) => openMenu(member, event.currentTarget)}
                >
                  <Ellipsis size={18} />
                </button>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={menu()} keyed>
        {(open) => (
          <Menu
            label={t("group.memberMenu", { name: calledName(open.member) })}
            items={actsOf(open.member)}
            at={open}
            onClose={() => setMenu(undefined)}
          />
        )}
      </Show>
    </section>
  );
}

function MemberButton(props: { readonly member: GroupMemberView; readonly onOpen: () => void }) {
  const stranger = () => props.member.standing === "stranger";
  const facts = () => {
    if (props.member.leaving) return t("group.leaving");
    if (props.member.standing === "blocked") return t("group.blocked");
    return stranger() ? t("group.stranger") : presenceInWords(props.member.presence, now());
  };
  return (
    <button type="button" class="member-open" onClick={() => props.onOpen()}>
      <Avatar
        name={calledName(props.member)}
        account={props.member.account}
        size="s"
        online={props.member.presence.kind === "here"}
      />
      <span class="member-body">
        <span class="member-top">
          <bdi class="member-name">{listedName(props.member)}</bdi>
          <Show when={props.member.verified}>
            <span class="member-sign">
              <ShieldCheck size={15} role="img" aria-label={t("contact.verified")} />
            </span>
          </Show>
          <Show when={givenName(props.member)}>
            {(given) => (
              <bdi class="member-given">
                <span aria-hidden="true">{t("group.givenShort", { name: props.member.name })}</span>
                <span class="hidden-words">{given()}</span>
              </bdi>
            )}
          </Show>
        </span>
        <Show when={facts()}>
          <span class="member-facts">
            <Show when={stranger()}>
              <CircleUserRound size={13} aria-hidden="true" />
            </Show>
            {facts()}
          </span>
        </Show>
      </span>
      <Show when={props.member.role !== "member"}>
        <span class="member-role">{t(roleWords[props.member.role])}</span>
      </Show>
    </button>
  );
}
