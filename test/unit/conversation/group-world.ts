/** A group as plain values, and commits of it, for the rules that judge them: real signatures, no MLS. */
import { sha256 } from "../../../core/crypto/hash.ts";
import { labels } from "../../../core/crypto/labels.ts";
import { publicKeyOf, sign } from "../../../core/crypto/signature.ts";
import type { Change } from "../../../core/group/open-in-group.ts";
import type { Member } from "../../../core/group/state.ts";
import type { AccountId, ConversationId, DeviceId, NodeUrl, TopicId } from "../../../core/lang/brand.ts";
import { noBytes, toHex, utf8 } from "../../../core/lang/bytes.ts";
import type { CommitNote } from "../../../core/wire/commit-note.ts";
import { type DeviceList, encodeDeviceList, signDeviceList } from "../../../core/wire/device-list.ts";
import { healRequestMessage } from "../../../core/wire/envelope.ts";
import type { GroupFacts } from "../../../core/wire/group-facts.ts";
import { type LeaveStatement, signLeave } from "../../../core/wire/leave.ts";

export const conversation = "c0".repeat(16) as ConversationId;
export const topic = "70".repeat(32) as TopicId;

export interface Device {
  readonly device: DeviceId;
  readonly seed: Uint8Array;
}

export interface Person {
  readonly name: string;
  readonly account: AccountId;
  readonly seed: Uint8Array;
  readonly devices: readonly Device[];
  /** SignedDeviceList of all the devices. */
  readonly list: Uint8Array;
}

const seedOf = (text: string) => sha256(utf8(text));

/** Somebody with this many devices; the same each time. */
export function person(name: string, deviceCount = 1): Person {
  const seed = seedOf(name);
  const account = toHex(publicKeyOf(seed)) as AccountId;
  const devices = Array.from({ length: deviceCount }, (_, index) => {
    const key = seedOf(`${name}/${index}`);
    return { device: toHex(key.subarray(0, 16)) as DeviceId, seed: key };
  });
  return { name, account, seed, devices, list: listOf({ account, seed }, { devices }) };
}

/** Another list of theirs, signed. */
export function listOf(
  { account, seed }: Pick<Person, "account" | "seed">,
  with_: { readonly devices: readonly Device[]; readonly sequence?: number; readonly revoked?: readonly DeviceId[] },
): Uint8Array {
  const sequence = with_.sequence ?? 1;
  const list: DeviceList = {
    account,
    sequence,
    previousHash: sequence === 1 ? noBytes : new Uint8Array(32),
    devices: with_.devices.map((one) => ({
      device: one.device,
      signatureKey: publicKeyOf(one.seed),
      addedAtMs: 1_795_000_000_000,
    })),
    revoked: with_.revoked ?? [],
  };
  return signDeviceList(encodeDeviceList(list), seed);
}

type Leaf = Change["added"][number] & Member;
let leaves = 0;

/** A leaf with keys of its own each time. */
export function leafOf({ account }: Person, { device, seed }: Device, listSequence = 1): Leaf {
  leaves += 1;
  return {
    leaf: leaves,
    credential: { account, device, listSequence },
    signatureKey: publicKeyOf(seed),
    encryptionKey: utf8(`leaf ${leaves}`),
    packageHash: sha256(utf8(`package ${leaves}`)),
  };
}

export interface Moment {
  readonly members: readonly Leaf[];
  readonly facts: GroupFacts;
}

export function groupOf(owner: Person, ...others: readonly Person[]): Moment {
  const members = [owner, ...others].flatMap((one) => one.devices.map((device) => leafOf(one, device)));
  return { members, facts: withRoles(plainFacts, [owner, "owner"]) };
}

const plainFacts: GroupFacts = {
  name: "Hikers",
  description: "",
  emoji: "",
  roles: [],
  writers: "everybody",
  slowModeS: 0,
  history: "none",
  joining: "approval",
  rotation: 0,
  nodes: ["https://node.example" as NodeUrl],
};

export function withRoles(
  facts: GroupFacts,
  ...given: readonly (readonly [Person, "owner" | "admin" | "member"])[]
): GroupFacts {
  const others = facts.roles.filter(({ account }) => !given.some(([one]) => one.account === account));
  const roles = given.flatMap(([{ account }, role]) => (role === "member" ? [] : [{ account, role }]));
  return { ...facts, roles: [...others, ...roles].sort((a, b) => (a.account < b.account ? -1 : 1)) };
}

export const emptyNote: CommitNote = {
  id: "0102030405060708",
  clockMs: 1_795_000_000_000,
  clockCount: 0,
  lists: [],
  names: [],
  leaves: [],
  healed: undefined,
  link: undefined,
  succession: undefined,
};

/** What a commit says that makes of one moment the other. The committer is the first device of theirs. */
export function changeOf(before: Moment, by: Person, after: Moment): Change {
  const actor = before.members.find(({ credential }) => credential.account === by.account);
  if (actor === undefined) throw new Error(`${by.name} is no member`);
  const kept = (moment: Moment, { encryptionKey }: Leaf) =>
    moment.members.some((one) => one.encryptionKey === encryptionKey);
  return {
    by: actor,
    note: noBytes,
    added: after.members.filter((leaf) => !kept(before, leaf)),
    removed: before.members.filter((leaf) => !kept(after, leaf)),
    before: { epoch: 1, members: before.members, context: contextOf(before) },
    after: { members: after.members, context: contextOf(after) },
  };
}

function contextOf({ facts }: Moment) {
  return { kind: "group" as const, conversation, generation: 0 as const, facts };
}

export function adding({ members, facts }: Moment, ...people: readonly Person[]): Moment {
  return { members: [...members, ...people.flatMap((one) => one.devices.map((device) => leafOf(one, device)))], facts };
}

/** With the roles of who is gone taken out, and the topic turned. */
export function removing({ members, facts }: Moment, ...people: readonly Person[]): Moment {
  const gone = people.map(({ account }) => account);
  return {
    members: members.filter(({ credential }) => !gone.includes(credential.account)),
    facts: {
      ...facts,
      roles: facts.roles.filter(({ account }) => !gone.includes(account)),
      rotation: facts.rotation + 1,
    },
  };
}

export function noteOfAdding(...people: readonly Person[]): CommitNote {
  const names = people.map(({ account, name }) => ({ account, name })).sort((a, b) => (a.account < b.account ? -1 : 1));
  return { ...emptyNote, lists: people.map(({ list }) => list), names };
}

/** By the person's first device, for the leaf that it has in this moment. */
export function statementOf(person: Person, { members }: Moment): LeaveStatement {
  const [signer] = person.devices;
  const leaf = members.find(({ credential }) => credential.device === signer?.device);
  if (signer === undefined || leaf === undefined) throw new Error(`${person.name} has no leaf`);
  const left = { conversation, account: person.account, encryptionKey: leaf.encryptionKey };
  return { account: person.account, device: signer.device, signature: signLeave(left, signer.seed) };
}

/** A fresh leaf for a device, as it asked for, and the note that says so. */
export function healing(before: Moment, person: Person, device: Device): { after: Moment; note: CommitNote } {
  const keyPackage = utf8(`package for ${device.device} ${leaves}`);
  const leaf = { ...leafOf(person, device), packageHash: sha256(keyPackage) };
  const members = before.members.map((one) => (one.credential.device === device.device ? leaf : one));
  const signature = sign(labels.healRequest, healRequestMessage({ conversation, topic }, 0, keyPackage), device.seed);
  return {
    after: { members, facts: before.facts },
    note: { ...emptyNote, healed: { device: device.device, generation: 0, signature } },
  };
}
