// The app on a pretend engine. `?none`: a new person; `?seat=elsewhere` and the like: the gates.
import { App } from "@kith/app/app.tsx";
import { showTheme } from "@kith/app/platform/theme.ts";
import type { StartFault } from "@kith/app/views/gate/fault-gate.tsx";
import type { InviteFault, NodeUrl } from "@kith/core";
import { render } from "solid-js/web";
import { createPretendMessenger, type Pretend } from "../pretend-messenger.ts";

const query = new URLSearchParams(location.search);
const node = "https://node.example" as NodeUrl;
const minute = 60_000;
const day = 24 * 60 * minute;
const now = Date.now();

function people(pretend: Pretend) {
  const self = pretend.selfId();
  pretend.say(self, "Ask Bruno for the soup recipe", undefined, now - 3 * day);

  const dora = pretend.addPerson("Dora Ilves", {
    presence: { kind: "away", lastHeardMs: now - 40 * minute },
    sinceMs: now - 90 * day,
  });
  for (let i = 0; i < 400; i++) {
    const at = now - 20 * day + i * 71 * minute;
    const text = `Message number ${i + 1}. ${"It is about the boat, the weather and who brings the tent. ".repeat(i % 4)}`;
    if (i % 3 === 0) pretend.say(dora, text, { kind: "delivered", atMs: at }, at);
    else pretend.receive(dora, text, at);
  }
  void pretend.messenger.markRead(dora);
  for (let i = 0; i < 12; i++) pretend.receive(dora, `And one more thought, number ${i + 1}.`, now - (60 - i) * minute);

  const chidi = pretend.addPerson("Chidi", { standing: "request", sinceMs: now - 5 * minute });
  pretend.receive(chidi, "Hello! Ana gave me your link. Are you coming to the garden on Saturday?", now - 5 * minute);

  const bruno = pretend.addPerson("Bruno", { standing: "invited", sinceMs: now - 2 * 60 * minute });
  pretend.say(
    bruno,
    "Hi Bruno, it is me. Write when you are here.",
    { kind: "held", untilMs: now + 13 * day },
    now - 110 * minute,
  );

  const ana = pretend.addPerson("Ana Petrović", {
    presence: { kind: "here" },
    path: "direct",
    verified: true,
    sinceMs: now - 30 * day,
  });
  const at = now - day - 40 * minute;
  pretend.receive(ana, "Did you see the photos from the lake?", at);
  pretend.receive(ana, "The one with the heron is my favourite.", at + minute);
  pretend.say(ana, "Yes! How did you get so close?", { kind: "delivered", atMs: at }, at + 3 * minute);
  pretend.receive(ana, "Patience, and a very long lens: https://example.org/lenses/600mm-f4_(used).", at + 20 * minute);
  pretend.say(ana, "🦩🎉", { kind: "delivered", atMs: at }, at + 22 * minute);
  pretend.receive(ana, "Dinner on Friday? I would cook the thing with the aubergines.", now - 30 * minute);
  pretend.say(ana, "With pleasure.", { kind: "delivered", atMs: now }, now - 29 * minute);
  pretend.say(
    ana,
    "I bring bread and something to drink. Half past seven?",
    { kind: "delivered", atMs: now - 28 * minute },
    now - 28 * minute,
  );
  void pretend.messenger.markRead(ana);
  pretend.receive(ana, "Perfect. سلام, and bring Dora along if she is in town.", now - 2 * minute);

  const jonas = pretend.addPerson("Jonas", {
    presence: { kind: "away", lastHeardMs: undefined },
    sinceMs: now - 8 * day,
  });
  pretend.say(jonas, "The key is under the blue pot.", { kind: "expired" }, now - 8 * day);
  pretend.say(jonas, "Are you back?", { kind: "refused" }, now - 7 * day);
  pretend.say(jonas, "Call me when you read this.", { kind: "saved" }, now - 4 * minute);
  void pretend.messenger.saveDraft(jonas, "One more thing about the");
  return ana;
}

const pretend = createPretendMessenger(query.has("none") ? {} : { name: "Quiet Heron" });
if (query.has("fault")) pretend.faults.preview = query.get("fault") as InviteFault;
if (!query.has("none") && !query.has("empty")) {
  const ana = people(pretend);
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
