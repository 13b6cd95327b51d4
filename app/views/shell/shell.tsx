/** The frame around everything: bars, the list of chats, the page beside it, dialogs and keys. */
import "./shell.css";
import { useLocation, useNavigate } from "@solidjs/router";
import { createEffect, type JSX, Match, Switch } from "solid-js";
import { Announcer } from "../../components/announcer.tsx";
import { lazily } from "../../components/lazily.ts";
import { Notices } from "../../components/notices.tsx";
import { t } from "../../i18n/words.ts";
import { rowsFromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { ChatList } from "../chats/chat-list.tsx";
import { PasteSheet } from "../invite/paste-sheet.tsx";
import { HelpSheet } from "../palette/help-sheet.tsx";
import { Palette } from "../palette/palette.tsx";
import { useArrivals } from "./arrivals.ts";
import { useFocusOnArrival } from "./focus-on-arrival.ts";
import { NetworkBar } from "./network-bar.tsx";
import { closeOverlay, openOverlay, overlayOf, showOverlay } from "./overlays.ts";
import { useShortcuts } from "./shortcuts.ts";
import { StorageBar } from "./storage-bar.tsx";
import { UpdateBar } from "./update-bar.tsx";

const MessageInfo = lazily(async () => (await import("../conversation/message-info.tsx")).MessageInfo);
const RemoveSheet = lazily(async () => (await import("../group/message-sheets.tsx")).RemoveSheet);
const ReportSheet = lazily(async () => (await import("../group/message-sheets.tsx")).ReportSheet);
const DoctorSheet = lazily(async () => (await import("../doctor/doctor-sheet.tsx")).DoctorSheet);
const NodesSheet = lazily(async () => (await import("../nodes/nodes-sheet.tsx")).NodesSheet);

export function Shell(props: { readonly children?: JSX.Element }) {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const location = useLocation();
  const conversations = rowsFromLive(() => messenger.conversations, "id");
  const chosen = () => /^\/c\/([^/]+)/.exec(location.pathname)?.[1];
  const onList = () => location.pathname === "/" || location.pathname === "";

  useArrivals(conversations);
  createEffect(() => {
    const unread = (conversations() ?? []).reduce((sum, { unread, muted }) => sum + (muted ? 0 : unread), 0);
    document.title = unread > 0 ? `(${unread}) ${t("product")}` : t("product");
  });

  useFocusOnArrival(() => location.pathname);
  useShortcuts({
    palette: () => showOverlay("palette"),
    help: () => showOverlay("help"),
    step(by) {
      const all = conversations() ?? [];
      const at = all.findIndex((conversation) => conversation.id === chosen());
      const next = all[at < 0 ? 0 : (at + by + all.length) % all.length];
      if (next) navigate(`/c/${next.id}`);
    },
    escape() {
      if (location.pathname.endsWith("/info")) navigate(`/c/${chosen()}`);
      else if (!onList()) navigate("/");
    },
  });

  return (
    <>
      <UpdateBar />
      <StorageBar />
      <NetworkBar />
      <div class="shell" classList={{ "shell-on-list": onList() }}>
        <nav class="shell-list" aria-label={t("chats.label")} tabindex="-1" data-region>
          <ChatList conversations={conversations()} chosen={chosen()} />
        </nav>
        <div class="shell-page">{props.children}</div>
      </div>
      <Switch>
        <Match when={openOverlay() === "palette"}>
          <Palette conversations={conversations() ?? []} onClose={closeOverlay} />
        </Match>
        <Match when={openOverlay() === "help"}>
          <HelpSheet onClose={closeOverlay} />
        </Match>
        <Match when={openOverlay() === "paste"}>
          <PasteSheet onClose={closeOverlay} />
        </Match>
        <Match when={overlayOf("message")} keyed>
          {(open) => <MessageInfo conversation={open.conversation} message={open.message} onClose={closeOverlay} />}
        </Match>
        <Match when={overlayOf("remove")} keyed>
          {(open) => <RemoveSheet conversation={open.conversation} message={open.message} onClose={closeOverlay} />}
        </Match>
        <Match when={overlayOf("report")} keyed>
          {(open) => <ReportSheet conversation={open.conversation} message={open.message} onClose={closeOverlay} />}
        </Match>
        <Match when={overlayOf("doctor")} keyed>
          {(open) => <DoctorSheet conversation={open.conversation} onClose={closeOverlay} />}
        </Match>
        <Match when={overlayOf("nodes")} keyed>
          {(open) => <NodesSheet conversation={open.conversation} onClose={closeOverlay} />}
        </Match>
      </Switch>
      <Notices />
      <Announcer />
    </>
  );
}
