/** Everything that is known of one own message, fact by fact, and the ways on where it did not get there. */
import "./message-info.css";
import type { ConversationId, MessageView } from "@kith/core";
import Check from "lucide-solid/icons/check";
import CheckCheck from "lucide-solid/icons/check-check";
import CircleAlert from "lucide-solid/icons/circle-alert";
import Clock3 from "lucide-solid/icons/clock-3";
import Eye from "lucide-solid/icons/eye";
import HardDrive from "lucide-solid/icons/hard-drive";
import { For, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { Sheet } from "../../components/sheet.tsx";
import { moment } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { ReachedPeople } from "../group/reached-people.tsx";
import { showOverlay } from "../shell/overlays.ts";
import { isFailed } from "./failed-mark.ts";
import { unsaidInWords } from "./mark-words.ts";
import { useMessageActions } from "./message-actions.ts";
import { deviceFacts, type Fact, messageFacts } from "./message-facts.ts";

export interface MessageInfoProps {
  readonly conversation: ConversationId;
  readonly message: MessageView;
  readonly onClose: () => void;
}

const icons = {
  saved: HardDrive,
  held: Check,
  delivered: CheckCheck,
  read: Eye,
  waiting: Clock3,
  fault: CircleAlert,
} as const satisfies Record<Fact["kind"], unknown>;

export function MessageInfo(props: MessageInfoProps) {
  const messenger = useMessenger();
  const info = fromLive(() => messenger.messageInfo(props.message.id));
  const profile = fromLive(() => messenger.profile);
  const actions = useMessageActions(() => props.conversation);
  const failed = () => isFailed(info()?.mark);
  const view = fromLive(() => messenger.conversation(props.conversation));
  const mayMove = () => view()?.group?.rights.edit ?? true;
  const unsaid = () => {
    const mark = info()?.mark;
    return mark?.kind === "unsaid" ? mark : undefined;
  };
  const maySayNow = () => unsaid() !== undefined && view()?.group?.rights.write === true;
  const blind = () => {
    const me = profile();
    return me?.kind === "person" && !me.receipts && info()?.recipients.some((each) => each.deliveredAtMs !== undefined);
  };
  const sendAgain = () => {
    actions.sendAgain(props.message);
    props.onClose();
  };

  return (
    <Sheet title={t("message.info")} onClose={() => props.onClose()}>
      <Show when={props.message.body.kind === "text" && props.message.body}>
        {(body) => (
          <p class="info-quote" dir="auto">
            {body().text}
          </p>
        )}
      </Show>
      <Show when={info()} fallback={<p class="muted">{t("message.gone")}</p>}>
        {(known) => (
          <>
            <Facts facts={messageFacts(known())} />
            <Show
              when={props.message.reached}
              fallback={
                <For each={deviceFacts(known())}>
                  {(device) => (
                    <section>
                      <h3 class="sheet-subtitle">{device.title}</h3>
                      <Facts facts={device.facts} />
                    </section>
                  )}
                </For>
              }
            >
              <ReachedPeople conversation={props.conversation} info={known()} />
            </Show>
            <Show when={unsaid()}>{(mark) => <p class="muted small">{unsaidInWords(mark(), now())}</p>}</Show>
            <Show when={known().underWay || failed()}>
              <p class="muted small">{known().underWay ? t("message.underWay") : t("message.notUnderWay")}</p>
            </Show>
            <Show when={blind()}>
              <p class="muted small">{t("message.readHint")}</p>
            </Show>
          </>
        )}
      </Show>
      <div class="sheet-actions">
        <Show when={props.message.body.kind === "text"}>
          <button type="button" class="button button-quiet" onClick={() => actions.copy(props.message)}>
            {t("message.copy")}
          </button>
        </Show>
        <Show when={failed() || maySayNow()}>
          <Show when={failed() && mayMove()}>
            <button
              type="button"
              class="button button-quiet"
              onClick={() => showOverlay({ kind: "nodes", conversation: props.conversation })}
            >
              {t("message.otherNode")}
            </button>
          </Show>
          <button type="button" class="button" onClick={sendAgain}>
            {t("message.again")}
          </button>
        </Show>
      </div>
    </Sheet>
  );
}

function Facts(props: { readonly facts: readonly Fact[] }) {
  return (
    <ul class="info-facts">
      <For each={props.facts}>
        {(fact) => (
          <li
            class="info-fact"
            classList={{
              "info-fact-good": fact.kind === "read" || fact.kind === "delivered",
              "info-fact-fault": fact.kind === "fault",
            }}
          >
            <Dynamic component={icons[fact.kind]} size={18} />
            <span>{fact.text}</span>
            <Show when={fact.atMs}>{(atMs) => <time class="info-when">{moment(atMs(), now())}</time>}</Show>
          </li>
        )}
      </For>
    </ul>
  );
}
