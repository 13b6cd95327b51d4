/** An owner who is gone: who says so, what it takes to have another one, and the owner's own word that they are here. */
import type { AccountId, ConversationId, GroupFault, GroupView, OwnerGoneView, Result } from "@kith/core";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { notify } from "../../components/notices.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { type Naming, peopleIn, personIn } from "../../i18n/group-words.ts";
import { moment } from "../../i18n/time.ts";
import { t, tCount } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { tellFault } from "./group-act.ts";
import type { Ask } from "./group-dialog.ts";
import { calledName } from "./member-names.ts";

interface PartProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly naming: Naming;
  readonly onAsk: Ask;
}

export function OwnerGonePart(props: PartProps) {
  const gone = () => props.group.ownerGone;
  return (
    <Show when={gone() !== undefined || props.group.rights.replaceOwner} fallback={<Alone {...props} />}>
      <section class="details-part" aria-labelledby="group-owner-gone">
        <h3 id="group-owner-gone" class="details-part-title">
          {t("group.owner")}
        </h3>
        <Show when={gone()} fallback={<Begin {...props} />}>
          {(claim) => (
            <Show when={claim().owner === props.naming.me} fallback={<Claim {...props} claim={claim()} />}>
              <p class="muted small">
                {tCount("group.ownerGoneYou", claim().agreed.length, {
                  people: peopleIn(props.naming, claim().agreed),
                })}
              </p>
              <Act label={t("group.ownerGoneHere")} run={(groups) => groups.withdrawOwnerProposal(props.id)} />
            </Show>
          )}
        </Show>
      </section>
    </Show>
  );
}

/** Whoever would be the only one to decide is told what they can do instead. */
function Alone(props: PartProps) {
  const owner = () => ownerOf(props.group);
  const isAlone = () => {
    const { standing, members } = props.group;
    if (standing.kind !== "member" || standing.role === "owner") return false;
    return standing.role === "admin" || members.length === 2;
  };
  return (
    <Show when={isAlone() && owner()}>
      {(account) => (
        <section class="details-part" aria-labelledby="group-owner-gone">
          <h3 id="group-owner-gone" class="details-part-title">
            {t("group.owner")}
          </h3>
          <p class="muted small">{t("group.ownerGoneAlone", { owner: props.naming.name(account()) })}</p>
        </section>
      )}
    </Show>
  );
}

/** Nobody says so yet. */
function Begin(props: PartProps) {
  const owner = () => ownerOf(props.group);
  return (
    <>
      <p class="muted small">
        <Show
          when={owner()}
          fallback={t("group.ownerNoneLead", {
            who: t(byAdmins(props.group) ? "group.ownerWhoAdminsFirst" : "group.ownerWhoMembersFirst"),
          })}
        >
          {(account) => (
            <>
              {t("group.ownerGoneLead", {
                owner: props.naming.name(account()),
                who: t(byAdmins(props.group) ? "group.ownerWhoAdmins" : "group.ownerWhoMembers"),
              })}
            </>
          )}
        </Show>
      </p>
      <button type="button" class="button button-quiet" onClick={() => props.onAsk({ kind: "owner-gone" })}>
        {t(owner() === undefined ? "group.ownerNoneBegin" : "group.ownerGoneBegin")}
      </button>
    </>
  );
}

function Claim(props: PartProps & { readonly claim: OwnerGoneView }) {
  const owner = () => (props.claim.owner === undefined ? undefined : props.naming.name(props.claim.owner));
  const said = () => {
    const { agreed, next } = props.claim;
    const words = {
      people: peopleIn(props.naming, agreed),
      person: personIn(props.naming, next),
      owner: owner() ?? "",
    };
    return tCount(owner() === undefined ? "group.ownerNoneSaid" : "group.ownerGoneSaid", agreed.length, words);
  };
  const confirmed = () => props.naming.me !== undefined && props.claim.confirmed.includes(props.naming.me);
  return (
    <>
      <p>{said()}</p>
      <p class="muted small">
        {t("group.ownerGoneCount", {
          agreed: props.claim.agreed.length,
          of: props.claim.of,
          needed: props.claim.needed,
        })}
      </p>
      <Show when={owner()}>
        {(name) => (
          <>
            <p class="muted small">
              {props.claim.untilMs > now()
                ? t("group.ownerGoneWaits", { when: moment(props.claim.untilMs, now()), owner: name() })
                : t("group.ownerGoneWaited", { owner: name() })}
            </p>
            <Show when={props.claim.confirmed.length > 0}>
              <p class="muted small">
                {tCount("group.ownerGoneConfirmed", props.claim.confirmed.length, {
                  people: peopleIn(props.naming, props.claim.confirmed),
                  owner: name(),
                })}
              </p>
            </Show>
          </>
        )}
      </Show>
      <Show when={props.group.rights.replaceOwner && !confirmed()}>
        <div class="group-row-actions">
          <Show
            when={props.claim.mine}
            fallback={<Act label={t("group.ownerGoneAgree")} run={(groups) => groups.agreeOwner(props.id)} />}
          >
            <Act label={t("group.ownerGoneBack")} run={(groups) => groups.withdrawOwnerProposal(props.id)} quiet />
          </Show>
          <button type="button" class="button button-quiet" onClick={() => props.onAsk({ kind: "owner-gone" })}>
            {t("group.ownerGoneOther")}
          </button>
        </div>
      </Show>
    </>
  );
}

type Groups = ReturnType<typeof useMessenger>["groups"];

function Act(props: {
  readonly label: string;
  readonly run: (groups: Groups) => Promise<Result<void, GroupFault>>;
  readonly quiet?: true;
}) {
  const messenger = useMessenger();
  const run = async () => {
    const done = await props.run(messenger.groups);
    if (!done.ok && done.error !== "no-change") tellFault(done.error);
  };
  return (
    <button type="button" class={props.quiet ? "button button-quiet" : "button"} onClick={() => void run()}>
      {props.label}
    </button>
  );
}

/** Who should be the owner: one of those who decide. */
export function OwnerGoneSheet(props: {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly onClose: () => void;
}) {
  const messenger = useMessenger();
  const [chosen, setChosen] = createSignal<AccountId>();
  const voters = createMemo(() => {
    const role = byAdmins(props.group) ? "admin" : "member";
    return props.group.members.filter((member) => member.role === role && !member.leaving);
  });
  const count = () => ({ needed: Math.floor(voters().length / 2) + 1, of: voters().length });
  const text = () => {
    const owner = props.group.members.find(({ role }) => role === "owner");
    return owner === undefined
      ? t("group.ownerNoneText", count())
      : t("group.ownerGoneText", { ...count(), owner: calledName(owner) });
  };
  const propose = async (event: Event) => {
    event.preventDefault();
    const next = chosen();
    if (next === undefined) return;
    props.onClose();
    const done = await messenger.groups.proposeOwner(props.id, next);
    if (done.ok) notify(t("group.ownerGoneProposed"));
    else tellFault(done.error);
  };
  return (
    <Sheet title={t("group.ownerGoneTitle")} onClose={props.onClose}>
      <form class="group-form" onSubmit={(event) => void propose(event)}>
        <fieldset class="picker">
          <legend class="muted">{text()}</legend>
          <div class="picker-list">
            <For each={voters()}>
              {(member) => (
                <label class="picker-row">
                  <input
                    type="radio"
                    class="picker-box"
                    name="owner-gone"
                    checked={chosen() === member.account}
                    onChange={() => setChosen(member.account)}
                  />
                  <Avatar name={calledName(member)} account={member.account} size="s" />
                  <bdi class="picker-name">{member.me ? t("group.you") : calledName(member)}</bdi>
                  <span class="picker-sign picker-sign-one" aria-hidden="true" />
                </label>
              )}
            </For>
          </div>
        </fieldset>
        <div class="sheet-actions">
          <button type="button" class="button button-quiet" onClick={() => props.onClose()}>
            {t("cancel")}
          </button>
          <button type="submit" class="button" disabled={chosen() === undefined}>
            {t("group.ownerGonePropose")}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

const ownerOf = (group: GroupView) => group.members.find(({ role }) => role === "owner")?.account;
const byAdmins = (group: GroupView) => group.members.some(({ role }) => role === "admin");
