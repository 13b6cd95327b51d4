/** The person's own nodes: where mail waits and new invitations are left. */
import type { DirectView, NodeUrl } from "@kith/core";
import { Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { nodesFaultWords } from "../../i18n/fault-words.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { NodesEditor } from "../nodes/nodes-editor.tsx";

const directWords: Readonly<Record<DirectView, SentenceKey>> = {
  off: "settings.directOff",
  ready: "settings.directReady",
  "relay-full": "settings.directRelayFull",
  "relay-away": "settings.directRelayAway",
  "no-webrtc": "settings.directNoWebrtc",
};

export function NodesCard() {
  const messenger = useMessenger();
  const profile = fromLive(() => messenger.profile);
  const known = fromLive(() => messenger.nodes);
  const direct = fromLive(() => messenger.direct);
  const network = fromLive(() => messenger.network);
  const own = () => {
    const view = profile();
    return view?.kind === "person" ? view.nodes : undefined;
  };
  /** The mailbox is at the node: it is no way round one that is away. */
  const directNow = (): SentenceKey => {
    const view = direct() ?? "off";
    const isNodeAway = network() !== undefined && network()?.kind !== "connected";
    return isNodeAway && (view === "relay-away" || view === "relay-full")
      ? "settings.directNodeAway"
      : directWords[view];
  };
  const change = async (nodes: readonly NodeUrl[]) => {
    const done = await messenger.setNodes(nodes);
    if (!done.ok) notify(t(nodesFaultWords[done.error]), "fault");
  };

  return (
    <section class="card" aria-labelledby="settings-nodes">
      <h2 id="settings-nodes" class="card-title">
        {t("settings.nodes")}
      </h2>
      <p>{t("settings.nodesText")}</p>
      <Show when={own()}>
        {(nodes) => (
          <NodesEditor
            label={t("settings.nodes")}
            nodes={nodes()}
            known={known() ?? []}
            onChange={(next) => void change(next)}
          />
        )}
      </Show>
      <dl class="facts">
        <dt>{t("settings.direct")}</dt>
        <dd>{t(directNow())}</dd>
      </dl>
    </section>
  );
}
