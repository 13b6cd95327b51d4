/** How an own message stands with each person of the group. */
import "./reached-people.css";
import type { AccountId, ConversationId, MessageInfoView } from "@kith/core";
import CheckCheck from "lucide-solid/icons/check-check";
import CircleAlert from "lucide-solid/icons/circle-alert";
import Clock3 from "lucide-solid/icons/clock-3";
import Eye from "lucide-solid/icons/eye";
import { createMemo, For, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { Avatar } from "../../components/avatar.tsx";
import { moment } from "../../i18n/time.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { now } from "../../platform/clock.ts";
import { useNaming } from "./group-talk.ts";

export interface ReachedPeopleProps {
  readonly conversation: ConversationId;
  readonly info: MessageInfoView;
}

const states = [
  { kind: "read", title: "group.infoRead", icon: Eye },
  { kind: "delivered", title: "group.infoDelivered", icon: CheckCheck },
  { kind: "refused", title: "group.infoRefused", icon: CircleAlert },
  { kind: "unsaid", title: "group.infoUnsaid", icon: CircleAlert },
  { kind: "waiting", title: "group.infoWaiting", icon: Clock3 },
] as const satisfies readonly { kind: string; title: SentenceKey; icon: unknown }[];

export function ReachedPeople(props: ReachedPeopleProps) {
  const naming = useNaming(() => props.conversation);
  const people = createMemo(() => reachedPeople(props.info.recipients));
  return (
    <For each={states}>
      {(state) => (
        <Show when={people().filter((person) => person.kind === state.kind)}>
          {(here) => (
            <Show when={here().length > 0}>
              <section class="reached">
                <h3 class={`sheet-subtitle reached-title reached-${state.kind}`}>
                  <Dynamic component={state.icon} size={18} />
                  {t(state.title)}
                </h3>
                <ul class="reached-people">
                  <For each={here()}>
                    {(person) => (
                      <li class="reached-person">
                        <Avatar name={naming.name(person.account)} account={person.account} size="s" />
                        <span class="reached-name">
                          <bdi>{naming.name(person.account)}</bdi>
                          <Show when={person.has > 0 && person.has < person.devices}>
                            <span class="muted small">
                              {t("group.infoDevices", { count: person.has, of: person.devices })}
                            </span>
                          </Show>
                        </span>
                        <Show when={person.atMs}>{(atMs) => <time>{moment(atMs(), now())}</time>}</Show>
                      </li>
                    )}
                  </For>
                </ul>
              </section>
            </Show>
          )}
        </Show>
      )}
    </For>
  );
}

export interface ReachedPerson {
  readonly account: AccountId;
  readonly kind: "read" | "delivered" | "refused" | "unsaid" | "waiting";
  /** The first time on any of their devices. */
  readonly atMs: number | undefined;
  /** On how many of their devices it is. */
  readonly has: number;
  readonly devices: number;
}

/** One for each person, in the order given. */
export function reachedPeople(recipients: MessageInfoView["recipients"]): readonly ReachedPerson[] {
  return [...new Set(recipients.map((each) => each.account))].map((account) => {
    const theirs = recipients.filter((each) => each.account === account);
    const read = earliest(theirs.map((each) => each.readAtMs));
    const delivered = earliest(theirs.map((each) => each.deliveredAtMs));
    const refused = earliest(theirs.map((each) => each.refusedAtMs));
    const unsaid = earliest(theirs.map((each) => each.unsaid?.atMs));
    const kind =
      read !== undefined
        ? "read"
        : delivered !== undefined
          ? "delivered"
          : unsaid !== undefined
            ? "unsaid"
            : refused !== undefined
              ? "refused"
              : "waiting";
    const has = theirs.filter((each) => each.deliveredAtMs !== undefined).length;
    return { account, kind, atMs: read ?? delivered ?? unsaid ?? refused, has, devices: theirs.length };
  });
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
