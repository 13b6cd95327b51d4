/** Keeps one conversation at other nodes from now on, for everybody in it. Nothing changes before it is said; of a group, before it is decided. */
import type { ConversationId, NodeUrl } from "@kith/core";
import { createSignal, Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { nodesFaultWords } from "../../i18n/fault-words.ts";
import { titleOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { useOrder } from "../group/group-act.ts";
import { NodesEditor } from "./nodes-editor.tsx";

export function NodesSheet(props: { readonly conversation: ConversationId; readonly onClose: () => void }) {
  const messenger = useMessenger();
  const view = fromLive(() => messenger.conversation(props.conversation));
  const known = fromLive(() => messenger.nodes);
  const profile = fromLive(() => messenger.profile);
  const [chosen, setChosen] = createSignal<readonly NodeUrl[]>();
  const [fault, setFault] = createSignal<string>();
  const [moving, setMoving] = createSignal(false);
  const nodes = () => chosen() ?? view()?.nodes ?? [];

  const own = () => {
    const person = profile();
    return person?.kind === "person" ? person.nodes : [];
  };

  const order = useOrder(() => props.conversation);
  const moveGroup = async () => {
    setMoving(true);
    const ordered = await order({ kind: "move", nodes: nodes() });
    setMoving(false);
    if (!ordered) return;
    notify(t("nodes.moveOrdered"));
    props.onClose();
  };
  const move = async () => {
    if (view()?.group) return moveGroup();
    const untold = view()?.person?.path === "node" && !known()?.some((each) => each.state === "connected");
    const before = view();
    setMoving(true);
    const moved = await messenger.moveConversation(props.conversation, nodes());
    setMoving(false);
    if (!moved.ok) {
      setFault(t(nodesFaultWords[moved.error]));
      return;
    }
    notify(untold && before ? t("nodes.movedUntold", { name: titleOf(before) }) : t("nodes.moved"));
    props.onClose();
  };

  return (
    <Sheet title={t("nodes.moveTitle")} onClose={() => props.onClose()}>
      <Show when={view()} fallback={<p class="muted">{t("chat.goneTitle")}</p>}>
        {(conversation) => (
          <>
            <p class="muted small">
              {conversation().group ? t("nodes.moveGroupText") : t("nodes.moveText", { name: titleOf(conversation()) })}
            </p>
            <NodesEditor
              label={t("nodes.ofConversation")}
              nodes={nodes()}
              known={known() ?? []}
              offered={own()}
              onChange={(next) => {
                setFault(undefined);
                setChosen(next);
              }}
            />
            <Show when={fault()}>
              {(sentence) => (
                <p class="field-fault" role="alert">
                  {sentence()}
                </p>
              )}
            </Show>
            <div class="sheet-actions">
              <button type="button" class="button button-quiet" onClick={() => props.onClose()}>
                {t("cancel")}
              </button>
              <button
                type="button"
                class="button"
                disabled={moving() || nodes().join() === conversation().nodes.join()}
                onClick={() => void move()}
              >
                {t("nodes.move")}
              </button>
            </div>
          </>
        )}
      </Show>
    </Sheet>
  );
}
