// Watches a world of memory disks while it lives, and notes every breach of an invariant of PROTOCOL §1 as it happens. It
// sees what leaves devices and what is written, before and after; it knows nothing of the engine's inside.
import { isReadable } from "../../core/group/state.ts";
import type { ConversationId } from "../../core/index.ts";
import type { EnvelopeHash, MessageId } from "../../core/lang/brand.ts";
import { equalBytes, noBytes } from "../../core/lang/bytes.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { KeptRecord, OutboxRecord } from "../../core/ports/outbox-records.ts";
import type { Records, Table } from "../../core/ports/records.ts";
import type { Batch, Change } from "../../core/ports/storage.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { envelopeHash } from "../../core/wire/envelope.ts";
import { decodeLinkFrame } from "../../core/wire/link-protocol.ts";
import type { Disk } from "./memory-storage.ts";
import { promiseOf } from "./sim-node.ts";
import type { World } from "./sim-world.ts";
import { wholeGroup } from "./whole-group.ts";

/** Numbers of PROTOCOL.md §1; "slot" is its §10, "kept" §7.7. */
export type Invariant = 1 | 2 | 3 | 4 | 5 | 6 | 9 | "slot" | "kept";

export interface Watch {
  /** What was broken, in words. */
  readonly breaches: { readonly invariant: Invariant; readonly what: string }[];
  /** How often each was looked at: a check that never happened proves nothing. */
  readonly looks: Map<Invariant, number>;
  /** An envelope that no device sealed for this topic, put there by somebody else. */
  poisoned(sequence: number, topic: TopicRecord["key"], envelope: Uint8Array): void;
  /** The disk is about to be that of an earlier moment: what the device itself has said since is forgotten there. */
  rollsBack(device: string, earlier: Disk["tables"]): void;
  /** Own words of devices that were rolled back, which nobody has to give back to them. */
  readonly forgotten: ReadonlySet<MessageId>;
  /** Of these, what a node had promised to keep when the disk was put back, or everybody had said to have. */
  readonly promised: ReadonlySet<MessageId>;
  /** Devices that were rolled back. */
  readonly rolledBack: ReadonlySet<string>;
  /** Of a message that any device ever wrote. */
  textOf(id: MessageId): string | undefined;
  check(invariant: Invariant, holds: boolean, what: string): void;
}

export function watchWorld(world: World, names: readonly string[]): Watch {
  const breaches: Watch["breaches"] = [];
  const looks = new Map<Invariant, number>();
  /** By device: envelopes that are or were on its disk before anything of them left. */
  const durable = new Map<string, Set<EnvelopeHash>>();
  const sealed = new Set<EnvelopeHash>();
  const envelopeOf = new Map<MessageId, EnvelopeHash>();
  const poison = new Set<string>();
  /** What each device has ever written: a disk may be rolled back, and what was said of it stays true. */
  const seenBy = new Map<string, Set<string>>(names.map((name) => [name, new Set()]));
  const keptBy = new Map<string, Map<MessageId, MessageRecord>>(names.map((name) => [name, new Map()]));
  const forgotten = new Set<MessageId>();
  const promised = new Set<MessageId>();
  const rolledBack = new Set<string>();

  function check(invariant: Invariant, holds: boolean, what: string): void {
    looks.set(invariant, (looks.get(invariant) ?? 0) + 1);
    if (!holds) breaches.push({ invariant, what });
  }

  const row = <T extends Table>(device: string, table: T, key: string) =>
    world.disk(device).tables.get(table)?.get(key) as Records[T] | undefined;

  const keep = (device: string, envelope: Uint8Array) => {
    const hash = envelopeHash(envelope);
    durable.get(device)?.add(hash);
    sealed.add(hash);
  };

  /** What the disk holds already when the watch begins, and what each batch adds. */
  function written(device: string, table: Table, value: unknown): void {
    if (table === "seen") seenBy.get(device)?.add((value as Records["seen"]).key);
    if (table === "messages") keptBy.get(device)?.set((value as MessageRecord).key, value as MessageRecord);
    if (table === "outbox") keep(device, (value as OutboxRecord).envelope);
    if (table === "invites") keep(device, (value as Records["invites"]).envelope);
    if (table === "kept") durable.get(device)?.add((value as KeptRecord).hash);
    const pending = table === "groups" ? wholeGroup(world.disk(device), value as GroupRecord).pending : undefined;
    if (pending !== undefined) keep(device, pending.envelope);
  }

  function beforeCommit(device: string, batch: Batch): void {
    const puts = batch.changes.flatMap((change) => (change.kind === "put" ? [change] : []));
    const seenHere = (hash: string) =>
      seenBy.get(device)?.has(hash) || puts.some((put) => put.table === "seen" && put.row.key === hash);
    for (const put of puts) {
      switch (put.table) {
        case "seen":
          check(
            4,
            sealed.has(put.row.key) || outgoing(puts, put.row.key),
            `${device} recorded an envelope nobody sealed`,
          );
          break;
        case "topics":
          for (const due of put.row.due) {
            if (!due.refused) check(1, seenHere(due.hash), `${device} owes an acknowledgement for what is not written`);
          }
          checkCursor(device, put.row, batch);
          break;
        case "outbox":
          checkOutbox(device, put.row, batch);
          break;
        case "messages":
          checkMessage(device, put.row);
          break;
        case "groups":
          checkStep(device, put.row);
          break;
        case "kept":
          checkKept(device, put.row);
          break;
        default:
      }
    }
  }

  function outgoing(puts: readonly { readonly table: Table; readonly row: { readonly key: string } }[], hash: string) {
    return puts.some((put) => put.table === "outbox" && put.row.key === hash);
  }

  /** Whoever moves past a poisoned entry does nothing else in that batch, but may find that its own keys are lost. */
  function checkCursor(device: string, topic: TopicRecord, { changes }: Batch): void {
    const cursorIn = (at: TopicRecord | undefined) =>
      at?.places.find(({ node }) => node === world.node.url)?.cursor ?? 0;
    const cursor = cursorIn(topic);
    if (cursor <= cursorIn(row(device, "topics", topic.key)) || !poison.has(`${topic.key} ${cursor}`)) return;
    const others = changes.filter((change) => change.kind !== "put" || change.row !== topic);
    check(
      3,
      others.every((change) => notesLostKeys(device, change)),
      `${device} changed something else because of a poisoned envelope`,
    );
  }

  function notesLostKeys(device: string, change: Change): boolean {
    if (change.kind !== "put" || change.table !== "conversations") return false;
    const { key, healing } = change.row;
    const before = row(device, "conversations", key);
    const group = row(device, "groups", key);
    const isLost = group === undefined || !isReadable(wholeGroup(world.disk(device), group).state);
    return (
      isLost &&
      healing?.why === "lost" &&
      JSON.stringify({ ...change.row, healing: before?.healing }) === JSON.stringify(before)
    );
  }

  /** A contact keeps by consent, what is sealed, and never for itself. */
  function checkKept(device: string, { key, hash, from, devices }: KeptRecord): void {
    if (row(device, "kept", key) !== undefined) return;
    check("kept", row(device, "contacts", from)?.keepsFor === true, `${device} keeps for whom it did not agree to`);
    check("kept", sealed.has(hash), `${device} keeps what nobody sealed`);
    const own = row(device, "profile", "me")?.device;
    check("kept", own !== undefined && !devices.includes(own), `${device} keeps for itself`);
  }

  function checkOutbox(device: string, outbox: OutboxRecord, { changes }: Batch): void {
    const { key, message, custodies, keepings, topic } = outbox;
    for (const { device: keeper } of keepings) {
      const who = names.find((name) => row(name, "profile", "me")?.device === keeper);
      const wrote = who !== undefined && durable.get(who)?.has(key) === true;
      check("kept", wrote, `${device} shows that ${who} keeps what it has not written`);
    }
    if (message !== undefined) {
      const before = envelopeOf.get(message) ?? key;
      // What is sealed again takes the place of the old envelope, if that still waits at all.
      const replaced =
        row(device, "outbox", before) === undefined ||
        changes.some((change) => change.kind === "delete" && change.key === before);
      check(2, before === key || replaced, `${device} keeps two envelopes of one message`);
      envelopeOf.set(message, key);
    }
    for (const { node, sequence } of custodies) {
      const isSigned = world.nodes.get(node)?.promised.has(promiseOf(topic, key, sequence)) ?? false;
      check(9, isSigned, `${device} shows custody that the node did not give`);
    }
  }

  function checkMessage(device: string, message: MessageRecord): void {
    check(5, message.key.startsWith(`${message.authorDevice}/`), `${device} keeps a message under another's name`);
    const author = names.find((name) => row(name, "profile", "me")?.device === message.authorDevice);
    if (author === undefined || author === device) {
      for (const [to, delivery] of Object.entries(message.deliveries)) {
        if (delivery.deliveredAtMs === undefined) continue;
        const recipient = names.find((name) => row(name, "profile", "me")?.device === to);
        const there = recipient !== undefined && keptBy.get(recipient)?.has(message.key) === true;
        check(1, there, `${device} shows "delivered" for what ${recipient} has not written`);
      }
      return;
    }
    const original = keptBy.get(author)?.get(message.key);
    const same = original !== undefined && JSON.stringify(original.body) === JSON.stringify(message.body);
    check(5, same && original.author === message.author, `${device} keeps words that ${author} did not write`);
  }

  /** An own commit becomes the state only when the node has it in its slot. */
  function checkStep(device: string, group: GroupRecord): void {
    const before = row(device, "groups", group.key);
    if (before?.pending === undefined || group.epoch === before.epoch) return;
    if (!equalBytes(before.pending.state.live, group.state.live)) return;
    const hash = envelopeHash(wholeGroup(world.disk(device), before).pending?.envelope ?? noBytes);
    const granted = [...world.nodes.values()].some((node) => node.granted.has(hash));
    check("slot", granted, `${device} merged a commit of its own before its slot was granted`);
  }

  for (const name of names) {
    durable.set(name, new Set());
    const disk = world.disk(name);
    for (const [table, rows] of disk.tables) for (const value of rows.values()) written(name, table, value);
    disk.onCommit = (moment, batch) => {
      if (moment === "before") return beforeCommit(name, batch);
      for (const change of batch.changes) if (change.kind === "put") written(name, change.table, change.row);
    };
  }
  for (const { topics } of world.nodes.values()) {
    for (const { entries } of topics.values()) for (const { hash } of entries) sealed.add(hash);
  }

  world.taps.add({
    appended(device, topic, envelope) {
      const hash = envelopeHash(envelope);
      // Somebody else's reply is named again to learn whether it has the slot: the node has these bytes.
      const there = world.node.topics.get(topic)?.entries.some((entry) => entry.hash === hash) ?? false;
      check(2, there || (durable.get(device)?.has(hash) ?? false), `${device} sent bytes that were not durable`);
    },
    framed(device, _, bytes) {
      const frame = decodeLinkFrame(bytes);
      if (!frame.ok) return;
      if (frame.value.kind === "deliver") {
        const hash = envelopeHash(frame.value.envelope);
        check(2, durable.get(device)?.has(hash) ?? false, `${device} sent bytes that were not durable`);
      }
      if (frame.value.kind === "keep") {
        const hash = envelopeHash(frame.value.envelope);
        check(2, durable.get(device)?.has(hash) ?? false, `${device} gave bytes to keep that were not durable`);
      }
      if (frame.value.kind === "kept") {
        const has = durable.get(device)?.has(frame.value.hash) ?? false;
        check("kept", has, `${device} promised to keep what it had not written`);
      }
      if (frame.value.kind === "got" && !frame.value.refused) {
        check(1, seenBy.get(device)?.has(frame.value.hash) ?? false, `${device} acknowledged before it had written`);
      }
    },
  });

  return {
    breaches,
    looks,
    check,
    forgotten,
    promised,
    rolledBack,
    textOf(id) {
      const body = [...keptBy.values()].map((kept) => kept.get(id)?.body).find((one) => one !== undefined);
      return body?.kind === "text" ? body.text : undefined;
    },
    rollsBack(device, earlier) {
      rolledBack.add(device);
      const own = row(device, "profile", "me")?.device;
      const unkept = unkeptOn(world.disk(device));
      for (const { key, authorDevice } of (world.disk(device).tables.get("messages")?.values() ??
        []) as Iterable<MessageRecord>) {
        if (authorDevice !== own || earlier.get("messages")?.has(key)) continue;
        forgotten.add(key);
        if (!unkept.has(key)) promised.add(key);
      }
    },
    poisoned(sequence, topic, envelope) {
      poison.add(`${topic} ${sequence}`);
      sealed.delete(envelopeHash(envelope));
    },
  };
}

/** What waits there and no node has promised to keep. */
export function unkeptOn(disk: Disk): ReadonlySet<MessageId> {
  const waiting = [...(disk.tables.get("outbox")?.values() ?? [])] as readonly OutboxRecord[];
  return new Set(
    waiting.flatMap(({ message, custodies }) => (message !== undefined && custodies.length === 0 ? [message] : [])),
  );
}

/** When everything is well again: nothing waits, every entry was taken past, both sides tell the same story. */
export function checkPeace(world: World, watch: Watch, names: readonly string[]): void {
  const rowsOf = <T extends Table>(name: string, table: T) =>
    [...(world.disk(name).tables.get(table)?.values() ?? [])] as Records[T][];
  for (const name of names) {
    watch.check(9, rowsOf(name, "outbox").length === 0, `${name} still has something to send`);
    for (const { key, places, due } of rowsOf(name, "topics")) {
      for (const { node, cursor, ahead } of places) {
        const isRead = cursor === world.nodes.get(node)?.latest(key) && ahead === undefined;
        watch.check(6, isRead, `${name} is stuck before the end of a topic`);
      }
      watch.check(6, due.length === 0, `${name} has not said what it received`);
    }
    watch.check("kept", rowsOf(name, "kept").length === 0, `${name} still keeps what its people have`);
    for (const conversation of rowsOf(name, "conversations")) {
      if (conversation.contact === undefined) continue;
      const isWell = conversation.healing === undefined && conversation.asker === undefined;
      watch.check(9, isWell, `${name} has keys that are still to be renewed: ${conversation.healing?.why}`);
      const other = names.find((one) => rowsOf(one, "profile")[0]?.account === conversation.contact);
      if (other !== undefined && name < other) checkPair(world, watch, conversation.key, name, other);
    }
    for (const { author, deliveries } of rowsOf(name, "messages")) {
      if (author !== rowsOf(name, "profile")[0]?.account) continue;
      for (const { deliveredAtMs } of Object.values(deliveries)) {
        watch.check(
          9,
          deliveredAtMs !== undefined,
          `${name} shows something as not delivered after everything arrived`,
        );
      }
    }
  }
}

function checkPair(world: World, watch: Watch, id: ConversationId, a: string, b: string): void {
  const said = (name: string) =>
    ([...(world.disk(name).tables.get("messages")?.values() ?? [])] as MessageRecord[])
      // A notice is for the person in front of one device.
      .filter(
        ({ conversation, body, key }) => conversation === id && body.kind !== "notice" && !watch.forgotten.has(key),
      )
      .map(({ order, key }) => `${order} ${key}`)
      .sort();
  const [atA, atB] = [said(a), said(b)];
  const same = atA.length === atB.length && atA.every((line, index) => line === atB[index]);
  watch.check(9, same, `${a} has ${atA.length} messages and ${b} has ${atB.length}, or in another order`);
  const keysOf = (name: string) => {
    const group = world.disk(name).tables.get("groups")?.get(id) as GroupRecord | undefined;
    return group && `${group.generation} ${group.epoch}`;
  };
  const [keysA, keysB] = [keysOf(a), keysOf(b)];
  watch.check("slot", keysA !== undefined && keysA === keysB, `${a} is in group and epoch ${keysA}, ${b} in ${keysB}`);
  const nodesOf = (name: string) =>
    (world.disk(name).tables.get("conversations")?.get(id) as ConversationRecord | undefined)?.nodes ?? [];
  // Who has forgotten a move with its disk hears of it where it would be heard nowhere else.
  const mayHaveForgotten = watch.rolledBack.has(a) || watch.rolledBack.has(b);
  const meet = nodesOf(a).some((node) => nodesOf(b).includes(node));
  const agree = mayHaveForgotten ? meet : nodesOf(a).join() === nodesOf(b).join();
  watch.check(9, agree, `${a} and ${b} keep their conversation at different nodes`);
}
