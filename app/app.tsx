/** Everything on the screen: the gates first, then the app around an open engine. */
import "./styles/tokens.css";
import "./styles/base.css";
import type { ConversationId, Messenger, NodeUrl } from "@kith/core";
import { HashRouter, Route, type RouteSectionProps, useLocation, useNavigate } from "@solidjs/router";
import { type Accessor, createComputed, createMemo, createSignal, Match, Show, Switch } from "solid-js";
import { lazily } from "./components/lazily.ts";
import { fromLive } from "./live/from-live.ts";
import { MessengerContext, useMessenger } from "./live/messenger-context.ts";
import type { Missing } from "./platform/capabilities.ts";
import type { SeatState } from "./platform/engine-seat.ts";
import { livesHere, markLife, unmarkLife } from "./platform/storage-mark.ts";
import { useWakeful } from "./platform/wakeful.ts";
import { ContactOrConversation } from "./views/conversation/conversation-page.tsx";
import { EvictedGate } from "./views/gate/evicted-gate.tsx";
import { FaultGate, LostGate, type StartFault, UnsupportedGate } from "./views/gate/fault-gate.tsx";
import { ElsewhereGate, OpeningGate } from "./views/gate/gate.tsx";
import { InvitePage } from "./views/invite/invite-page.tsx";
import { SettingsPage } from "./views/settings/settings-page.tsx";
import { StoragePage } from "./views/settings/storage-page.tsx";
import { NothingChosen } from "./views/shell/nothing-chosen.tsx";
import { Shell } from "./views/shell/shell.tsx";
import { Arrival } from "./views/welcome/arrival.tsx";
import { Welcome } from "./views/welcome/welcome.tsx";

const NewGroupPage = lazily(async () => (await import("./views/new-group/new-group-page.tsx")).NewGroupPage);

export interface AppProps {
  readonly missing: readonly Missing[];
  readonly seat: Accessor<SeatState<Messenger, StartFault>>;
  readonly onTakeOver: () => void;
  /** Where a new person's mail waits: the node that served this page. */
  readonly node: NodeUrl;
}

export function App(props: AppProps) {
  const elsewhere = () => {
    const seat = props.seat();
    return seat.kind === "elsewhere" ? seat : undefined;
  };
  const engine = () => {
    const seat = props.seat();
    return seat.kind === "open" ? seat.engine : undefined;
  };
  const fault = () => {
    const seat = props.seat();
    return seat.kind === "fault" ? seat.fault : undefined;
  };
  return (
    <Switch fallback={<OpeningGate />}>
      <Match when={props.missing.length > 0}>
        <UnsupportedGate missing={props.missing} />
      </Match>
      <Match when={elsewhere()}>
        {(seat) => <ElsewhereGate taking={seat().taking} onTake={() => props.onTakeOver()} />}
      </Match>
      <Match when={fault()}>{(reason) => <FaultGate fault={reason()} />}</Match>
      <Match when={engine()} keyed>
        {(messenger) => <OpenApp messenger={messenger} node={props.node} />}
      </Match>
    </Switch>
  );
}

export function OpenApp(props: { readonly messenger: Messenger; readonly node: NodeUrl }) {
  useWakeful(props.messenger);
  return (
    <MessengerContext.Provider value={props.messenger}>
      <HashRouter root={(section) => <Door node={props.node} section={section} />}>
        <Route path="/i/*invite" />
        <Route path="/c/:id/:pane?" component={ContactOrConversation} />
        <Route path="/invite" component={InvitePage} />
        <Route path="/new-group" component={NewGroupPage} />
        <Route path="/settings" component={SettingsPage} />
        <Route path="/settings/storage" component={StoragePage} />
        <Route path="*" component={NothingChosen} />
      </HashRouter>
    </MessengerContext.Provider>
  );
}

/** Decides between the first screen, an invitation, and the chats. */
function Door(props: { readonly node: NodeUrl; readonly section: RouteSectionProps }) {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const location = useLocation();
  const profile = fromLive(() => messenger.profile);
  const storage = fromLive(() => messenger.storage);
  const lost = () => {
    const view = storage();
    return view?.kind === "lost" ? view.why : undefined;
  };
  const [accepting, setAccepting] = createSignal(false);
  const newcomer = () => profile()?.kind === "none";
  const [evicted, setEvicted] = createSignal(false);
  // Not an effect: the welcome must not be there even for a moment.
  createComputed(() => {
    if (profile()?.kind === "person") markLife();
    setEvicted(newcomer() && livesHere());
  });
  const startAnew = () => {
    unmarkLife();
    setEvicted(false);
  };
  const invited = () => location.pathname.startsWith("/i/");
  // Stays while the answer is under way, although the address has moved on to the new chat by then.
  const link = createMemo<string>(
    (before) => (invited() ? `${window.location.origin}/#${location.pathname}` : before),
    "",
  );
  // `replace`: the invitation's secret does not stay in the history.
  const open = (id: ConversationId) => navigate(`/c/${id}`, { replace: true });
  const leave = () => navigate("/", { replace: true });

  return (
    <Show
      when={profile()}
      fallback={
        <Show when={lost()} fallback={<OpeningGate />}>
          {(why) => <LostGate why={why()} />}
        </Show>
      }
    >
      <Switch fallback={<Shell>{props.section.children}</Shell>}>
        <Match when={evicted()}>
          <EvictedGate onStartAnew={startAnew} />
        </Match>
        <Match when={invited() || accepting()}>
          <Arrival
            link={link()}
            node={props.node}
            newcomer={newcomer()}
            onBusy={setAccepting}
            onAccepted={open}
            onLeave={leave}
          />
        </Match>
        <Match when={newcomer()}>
          <Welcome node={props.node} />
        </Match>
      </Switch>
    </Show>
  );
}
