// A small world for looking at every state: chats, a request, marks of every kind, keys that heal, a node that is away.
import type { ConversationId, NodeUrl } from "@kith/core";
import type { Pretend } from "../pretend-messenger.ts";

const node = "https://node.example" as NodeUrl;
const minute = 60_000;
const day = 24 * 60 * minute;

/** Fills an empty pretend engine; answers with the one who answers. */
export function people(pretend: Pretend): ConversationId {
  const now = Date.now();
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

  const other = "https://second-node.example:8443" as NodeUrl;
  const elena = pretend.addPerson("Elena Vasiljeva-Morgenstern", {
    presence: { kind: "away", lastHeardMs: now - 26 * 60 * minute },
    sinceMs: now - 60 * day,
  });
  const then = now - 3 * day;
  pretend.say(elena, "Is the tent dry?", { kind: "read", atMs: then + 9 * minute }, then);
  pretend.receive(elena, "Nearly. I hang it up again tonight.", then + 10 * minute);
  pretend.notice(elena, then + 12 * minute);
  const trouble = (what: "full" | "refused" | "broke-promise") =>
    ({ kind: "trouble", trouble: { node: other, what, atMs: now - 50 * minute } }) as const;
  pretend.say(elena, "Then I bring the small one as well.", { kind: "read", atMs: then + day }, then + 14 * minute);
  pretend.say(elena, "Shall we meet at the station?", trouble("full"), now - 61 * minute);
  pretend.say(elena, "Or at the bridge, if it rains.", trouble("broke-promise"), now - 60 * minute);
  void pretend.messenger.markRead(elena);
  pretend.state(elena, { healingSinceMs: now - 2 * minute, missing: 2, nodes: [node, other] });
  pretend.diagnosis(elena, {
    stun: "silent",
    path: "node",
    reservedUntilMs: undefined,
    lastDial: { atMs: now - 5 * minute, outcome: "timeout" },
    waiting: {
      messages: 2,
      oldestMs: now - 61 * minute,
      held: 1,
      heldUntilMs: now + 13 * day,
      trouble: { node: other, what: "full", atMs: now - 50 * minute },
    },
  });
  pretend.nodes([
    { node, own: true, state: "connected", sinceMs: now - 50 * minute, conversations: 7 },
    { node: other, own: false, state: "unreachable", sinceMs: now - 50 * minute, conversations: 1 },
  ]);
  return ana;
}
