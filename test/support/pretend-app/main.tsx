// The app on a pretend engine. `?none`: a new person; `?group-link`: a link that is opened leads to a group; `?elsewhere` and the
// like: the gates.
import { App } from "@kith/app/app.tsx";
import { showTheme } from "@kith/app/platform/theme.ts";
import type { StartFault } from "@kith/app/views/gate/fault-gate.tsx";
import type { InviteFault, NodeUrl } from "@kith/core";
import { render } from "solid-js/web";
import { createPretendMessenger } from "../pretend-messenger.ts";
import { groups } from "./groups.ts";
import { people } from "./people.ts";

const query = new URLSearchParams(location.search);
const node = "https://node.example" as NodeUrl;
const minute = 60_000;
const day = 24 * 60 * minute;
const now = Date.now();

const pretend = createPretendMessenger(query.has("none") ? {} : { name: "Quiet Heron" });
if (query.has("fault")) pretend.faults.preview = query.get("fault") as InviteFault;
if (query.has("group-link")) {
  const group = { name: "Bike kitchen", emoji: "🚲", people: 14, open: false };
  pretend.preview = { ...pretend.preview, group };
}
if (!query.has("none") && !query.has("empty")) {
  const ana = people(pretend);
  groups(pretend);
  pretend.onSent = (id, message) => {
    setTimeout(() => pretend.mark(id, message, { kind: "held", untilMs: Date.now() + 14 * day }), 500);
    if (id !== ana) return;
    setTimeout(() => pretend.mark(id, message, { kind: "delivered", atMs: Date.now() }), 1_200);
    setTimeout(() => pretend.typing(id, true), 1_800);
    setTimeout(() => {
      pretend.typing(id, false);
      pretend.receive(id, "That sounds good to me.");
    }, 4_000);
  };
}
if (query.has("offline")) {
  pretend.network({ kind: "offline", node, sinceMs: now - 8 * minute, reason: "unreachable" });
}
if (query.has("relay-full")) pretend.direct("relay-full");
Object.assign(window, { pretend });

const fault = query.get("gate") as StartFault | null;
const seat = () => {
  if (query.has("elsewhere")) return { kind: "elsewhere", taking: false } as const;
  if (fault) return { kind: "fault", fault } as const;
  return { kind: "open", engine: pretend.messenger } as const;
};
showTheme();
const root = document.getElementById("app");
const missing = query.has("unsupported") ? (["indexeddb", "locks"] as const) : [];
if (root) render(() => <App missing={missing} seat={seat} onTakeOver={() => undefined} node={node} />, root);
