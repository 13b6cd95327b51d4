// Faults that would break a promise of Kith without anybody noticing, each as a small change of core's text, with the test
// that must notice. `npm run mutants` makes them one by one in a copy.

export interface Mutant {
  /** What is done wrong. */
  readonly name: string;
  /** From core. Each `from` must be there exactly once. */
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[];
  /** Where the test is, from test, and its project. */
  readonly project: "scenarios" | "simulation";
  readonly file: string;
  /** The whole name of the test that must fail. */
  readonly caughtBy: string;
}

const simulation = {
  project: "simulation",
  file: "simulation/simulation.test.ts",
} as const;
const smallLives = "devices under every fault of the network, the node and the disk";

export const mutants: readonly Mutant[] = [
  {
    ...simulation,
    name: "acknowledge before commit",
    changes: [
      {
        file: "engine/device-link.ts",
        from: `        const receipt = await handlers.deliver(frame.topic, frame.envelope);
        if (receipt !== "taken" && receipt !== "refused") return;
        return answer({ kind: "got", hash: envelopeHash(frame.envelope), refused: receipt === "refused" });`,
        to: `        void send({ kind: "got", hash: envelopeHash(frame.envelope), refused: false });
        await handlers.deliver(frame.topic, frame.envelope);`,
      },
    ],
    caughtBy: `${smallLives} invariant 1: acknowledges only after commit`,
  },
  {
    ...simulation,
    name: "send before commit",
    changes: [
      {
        file: "engine/send.ts",
        from: `    const written = await commit(context, {
      expect: sealed.expect,
      changes: [
        ...sealed.changes,
        { kind: "put", table: "messages", row },`,
        to: `    for (const change of sealed.changes) {
      if (change.kind !== "put" || change.table !== "outbox" || change.row.envelope.length === 0) continue;
      const topic = (await context.storage.get("topics", change.row.topic))!;
      const access = { topic: topic.key, seed: deriveTopic(topic.secret).seed };
      await context.nodes.node(topic.places[0]!.node).append(access, change.row.envelope);
    }
    const written = await commit(context, {
      expect: sealed.expect,
      changes: [
        ...sealed.changes,
        { kind: "put", table: "messages", row },`,
      },
      {
        file: "engine/send.ts",
        from: `import { type Context, commit, me } from "./context.ts";`,
        to: `import { deriveTopic } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";`,
      },
    ],
    caughtBy: `${smallLives} invariant 2: sealed bytes are durable before they are first sent, and a retry sends the same bytes`,
  },
  {
    name: "dedupe by the sender's id",
    changes: [
      {
        file: "engine/said.ts",
        from: `  const there = await context.storage.get("messages", key);`,
        to: `  const all = await context.storage.ofConversation("messages", conversation.key);
  const there = all.find((one) => one.key.endsWith(content.id));`,
      },
    ],
    project: "scenarios",
    file: "scenarios/mallory-in-topics.test.ts",
    caughtBy: "invariant 5: a message id is its author's own, whatever another writes into theirs",
  },
  {
    ...simulation,
    name: "record an envelope as seen before it is authenticated",
    changes: [
      {
        file: "engine/receive.ts",
        from: `    return { receipt: "refused", changes: [topicRow(arrived, undefined)] };`,
        to: `    return { receipt: "refused", changes: [topicRow(arrived, undefined), seenRow(arrived, true, 0)] };`,
      },
    ],
    caughtBy: `${smallLives} invariant 4: an envelope is recorded as seen only after it was authenticated`,
  },
  {
    ...simulation,
    name: "merge an own commit before its slot",
    changes: [
      {
        file: "engine/commits.ts",
        from: `  const answer = await node.append(access, envelope, slot);`,
        to: `  if (conversation.kind !== "group") await context.turns(id, () => mergeBetweenTwo(context, group));
  const answer = await node.append(access, envelope, slot);`,
      },
    ],
    caughtBy: `${smallLives} an own commit is merged only once its slot is granted, and both sides are in one epoch`,
  },
  {
    name: "seal with damaged keys after a rollback",
    changes: [
      {
        file: "engine/send.ts",
        from: `maySeal(conversation) && group !== undefined`,
        to: `group !== undefined`,
      },
      {
        file: "engine/courier-ways.ts",
        from: "return waitsUnsealed(row) || (isHealing && row.content !== undefined);",
        to: "return waitsUnsealed(row);",
      },
    ],
    project: "scenarios",
    file: "scenarios/rolled-back.test.ts",
    caughtBy:
      "says nothing under keys that were used before, once the node shows that it was put back to an earlier copy",
  },
  {
    name: "take a successor of an equal or lower generation",
    changes: [
      {
        file: "engine/heal-receive.ts",
        from: `  if (successor.generation <= (group?.generation ?? 0)) return "nothing";`,
        to: ``,
      },
    ],
    project: "scenarios",
    file: "scenarios/lying-node.test.ts",
    caughtBy: "does not take a successor group again that comes in new wrapping",
  },
  {
    name: "count a withheld promise as kept",
    changes: [
      {
        file: "engine/custody.ts",
        from: `if (entry?.hash === held.row.key) await markSeen(id, held);`,
        to: `if (entry?.hash !== null) await markSeen(id, held);`,
      },
    ],
    project: "scenarios",
    file: "scenarios/lying-node.test.ts",
    caughtBy: "does not count a promise as kept whose envelope the node gives nobody",
  },
  {
    name: "allow every commit of a group",
    changes: [
      {
        file: "conversation/authority.ts",
        from: `  const { before, after, by } = change;
  if (before.context.kind !== "group" || after.context.kind !== "group") return err("not-a-group");`,
        to: `  const { before, after, by } = change;
  if (change.before.epoch >= 0) return done;
  if (before.context.kind !== "group" || after.context.kind !== "group") return err("not-a-group");`,
      },
    ],
    project: "scenarios",
    file: "scenarios/groups-order-mallory.test.ts",
    caughtBy:
      "a member who renames the group without the right to it takes the slot, and the next change comes into force without one",
  },
  {
    name: "merge an own commit of a group before its slot",
    changes: [
      {
        file: "engine/commits.ts",
        from: `  const answer = await node.append(access, envelope, slot);`,
        to: `  const own = { group, topic, hash: envelopeHash(envelope), arrival: { via: "link" } } as const;
  if (conversation.kind === "group") await context.turns(id, () => mergeOwnCommit(context, own));
  const answer = await node.append(access, envelope, slot);`,
      },
    ],
    project: "scenarios",
    file: "scenarios/groups-order.test.ts",
    caughtBy: "of two who change at once one is first, and the other's change comes into force after it",
  },
  {
    name: "stay in the topic that a removed device knows",
    changes: [
      {
        file: "engine/commit-in-force.ts",
        from: `  const turned = facts.rotation !== factsOf(before).rotation;`,
        to: `  const turned = facts.rotation < factsOf(before).rotation;`,
      },
    ],
    project: "scenarios",
    file: "scenarios/groups-order-mallory.test.ts",
    caughtBy: "who is removed can neither read what is said from then on nor leave anything where the others look",
  },
  {
    name: "leave what waits sealed for the old topic",
    changes: [
      {
        file: "engine/commit-in-force.ts",
        from: `    wanted: (waiting) => turned || waiting`,
        to: `    wanted: (waiting) => waiting`,
      },
    ],
    project: "scenarios",
    file: "scenarios/groups-order-words.test.ts",
    caughtBy:
      "what waited for somebody who is away is sealed again for the new topic and arrives once, and not at who was removed",
  },
  {
    name: "take every mark of an epoch for the own one",
    changes: [
      {
        file: "conversation/epoch-marks.ts",
        from: `    if (!equalBytes(mine, other)) return`,
        to: `    if (!equalBytes(mine, mine)) return`,
      },
    ],
    project: "scenarios",
    file: "scenarios/groups-split.test.ts",
    caughtBy:
      "two parts that are shown nothing of each other are noticed by contacts within a day, and known to all of both",
  },
  {
    name: "stay in whatever part of a group one is",
    changes: [
      {
        file: "conversation/epoch-marks.ts",
        from: `"unknown" : own < theirs ? "stays" : "asks";`,
        to: `"unknown" : "stays";`,
      },
    ],
    project: "scenarios",
    file: "scenarios/groups-split.test.ts",
    caughtBy:
      "two orders of changes are noticed by the words that do not open, shown to all, and the part that does not stay comes over (1)",
  },
  {
    name: "leave out every other number of what is shared with who is new",
    changes: [
      {
        file: "engine/history-take.ts",
        from: `    here[device] = include(numbers, entry.number);`,
        to: `    if (entry.number % 2 === 0) continue;
    here[device] = include(numbers, entry.number);`,
      },
    ],
    project: "simulation",
    file: "simulation/groups-more.test.ts",
    caughtBy:
      "groups whose rules change, where messages are taken away and people come by links invariant 9: a message is delivered to every member device or visibly not, exactly once and in one order",
  },
];
