import { expect, it } from "vitest";
import type { Context } from "../../../core/engine/context.ts";
import { createMailbox, type MailboxHandlers } from "../../../core/engine/mailbox.ts";
import { liveCell } from "../../../core/lang/live.ts";
import type { NodeClient, NodeStatus } from "../../../core/ports/node.ts";
import type { TopicRecord } from "../../../core/ports/topic-record.ts";
import { topicOn } from "../../support/several-nodes.ts";
import { createWorld } from "../../support/sim-world.ts";

/** The mailbox of somebody with one conversation, whose node is not there. */
async function mailboxAlone() {
  const world = await createWorld({ storage: "memory", links: false });
  const alice = await world.person("alice");
  const id = await world.befriend(alice, await world.person("bob"));
  const topic = topicOn(world, "alice", id);
  await world.end();
  const topics: TopicRecord[] = [topic];
  const status = liveCell<NodeStatus>({ kind: "connecting", sinceMs: 0 });
  const client = { status, follow: () => () => {} } as unknown as NodeClient;
  const context = {
    storage: { all: async () => topics },
    nodes: { node: () => client },
    clock: world.clock,
  } as unknown as Context;
  const away = { isConnected: () => false, isAway: () => true, call() {} };
  const mailbox = createMailbox(context, away, {} as MailboxHandlers);
  await mailbox.refresh();
  return { mailbox, topic, topics };
}

it("keeps the key of a topic for as long as the topic is known, and no longer", async () => {
  const { mailbox, topic, topics } = await mailboxAlone();
  const right = mailbox.access(topic);
  await mailbox.refresh();
  expect(mailbox.access(topic)).toBe(right);
  topics.length = 0;
  await mailbox.refresh();
  expect(mailbox.access(topic)).not.toBe(right);
  mailbox.stop();
});

it("has nobody wait for nodes of which none is there", async () => {
  const { mailbox, topic } = await mailboxAlone();
  // By a clock that stands still.
  await mailbox.catchUp(topic.key);
  mailbox.stop();
});
