// What a browser's page runs to tell how long groups of a size keep it from everything else.
import { makeChange } from "../../../core/group/change.ts";
import { createGroup } from "../../../core/group/create.ts";
import { joinWithCard } from "../../../core/group/join.ts";
import { type KeyPackagePair, makeKeyPackage } from "../../../core/group/key-package.ts";
import { sealContent } from "../../../core/group/messages.ts";
import { openInGroup } from "../../../core/group/open-in-group.ts";
import type { GroupState } from "../../../core/group/state.ts";
import { breatheBy } from "../../../core/group/suite.ts";
import type { AccountId, ConversationId, DeviceId, NodeUrl } from "../../../core/lang/brand.ts";
import type { Result } from "../../../core/lang/result.ts";
import { systemBreath } from "../../../core/system/system-breath.ts";
import { type Stall, stallWatch } from "./stall-watch.ts";

export type { Stall } from "./stall-watch.ts";

breatheBy(systemBreath());

const anybody = () => true;
const facts = { name: "Walkers", description: "", emoji: "", roles: [], writers: "everybody", slowModeS: 0 } as const;
const agreed = {
  ...facts,
  history: "none",
  joining: "approval",
  rotation: 0,
  nodes: ["https://node.example" as NodeUrl],
} as const;
const hex = (value: number, length: number) => value.toString(16).padStart(length, "0");

function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(String(result.error));
  return result.value;
}

function device(index: number): Promise<KeyPackagePair> {
  const credential = { account: hex(index >> 1, 64) as AccountId, device: hex(index, 32) as DeviceId, listSequence: 1 };
  return makeKeyPackage(credential, crypto.getRandomValues(new Uint8Array(32)));
}

async function stallsOf(size: number): Promise<readonly Stall[]> {
  const { stalls, measure } = stallWatch();
  const wish = { add: [], removeLeaves: [], note: new Uint8Array(40) };
  const card = new Uint8Array(1_000);
  const open = async (state: GroupState, message: Uint8Array): Promise<GroupState> => {
    const opened = must(await openInGroup(state, message, () => anybody));
    if (opened.kind === "removed") throw new Error(opened.kind);
    return opened.next;
  };
  /** As it is read from a disk for the first time. */
  const cold = ({ live, trees }: GroupState): GroupState => ({
    live: live.slice(),
    trees: new Map([...trees].map(([epoch, tree]) => [epoch, tree.slice()])),
  });

  const pairs: KeyPackagePair[] = [];
  for (let index = 0; index < size; index++) pairs.push(await device(index));
  const context = {
    conversation: "c0".repeat(16) as ConversationId,
    kind: "group",
    generation: 0,
    facts: agreed,
  } as const;
  const alone = await createGroup(new Uint8Array(16).fill(1), context, pairs[0]!, anybody);
  const add = pairs.slice(1, -1).map(({ publicPackage }) => publicPackage);
  const made = await measure("create: add everybody", async () =>
    must(await makeChange(alone, { ...wish, add, card }, anybody)),
  );
  const joined = await measure("join", async () => must(await joinWithCard(made.welcome!, pairs[1]!, () => anybody)));
  let [a, b] = [made.next, joined.state];
  const renewed = await measure("new keys", async () => must(await makeChange(a, wish, anybody)));
  a = renewed.next;
  b = await measure("open new keys", () => open(b, renewed.commit));
  const content = new Uint8Array(150);
  for (let round = 0; round < 3; round++) {
    const said = await measure("send a text", () => sealContent(a, content));
    a = said.next;
    b = await measure("open a text", () => open(b, said.message));
  }
  const said = await measure("send a text, first after a start", () => sealContent(cold(a), content));
  a = said.next;
  b = await measure("open a text, first after a start", () => open(cold(b), said.message));
  const last = pairs.at(-1)!;
  const more = await measure("add a device", async () =>
    must(await makeChange(a, { ...wish, add: [last.publicPackage], card }, anybody)),
  );
  a = more.next;
  b = await measure("open addition", () => open(b, more.commit));
  await measure("join later", async () => must(await joinWithCard(more.welcome!, last, () => anybody)));
  const gone = await measure("remove a person", async () =>
    must(await makeChange(a, { ...wish, removeLeaves: [2, 3] }, anybody)),
  );
  await measure("open removal", () => open(b, gone.commit));
  return stalls;
}

declare global {
  var groupStalls: typeof stallsOf;
}
globalThis.groupStalls = stallsOf;
