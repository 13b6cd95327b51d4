/**
 * Domain separation: every key, signature and MAC of Kith is made under one of these labels, so that bytes
 * made for one purpose are worthless for another. This file lists the purposes and frames bytes with them;
 * it does not know what the bytes mean. A changed label is a new format and needs a new version.
 */

import { concat, utf8 } from "../lang/bytes.ts";

export const labels = {
  /** Key: recovery entropy → seed of the account key. */
  accountKey: "kith/v1/account key",
  /** Signature of the account key over a device list, and over nothing else. */
  deviceList: "kith/v1/device list",
  /** Key: a conversation's topic secret → seed of its topic key. */
  topicKey: "kith/v1/topic key",
  /** Signature of a topic key over a node connection's nonce: the right to read and write there. */
  nodeAccess: "kith/v1/node access",
  /** Signature of a node over what it promises to hold, and until when. */
  custody: "kith/v1/custody",
  /** Key: a conversation's secret → key that seals stored envelopes. */
  envelopeKey: "kith/v1/envelope key",
  /** Key: a conversation's secret → key that seals passing signals (typing, presence), never stored. */
  signalKey: "kith/v1/signal key",
  /** Key: an epoch's exporter secret → the slot its commit takes. */
  slot: "kith/v1/slot",
  /** Key: an epoch's exporter secret → its mark, which members show each other. */
  epochMark: "kith/v1/epoch mark",
  /** Signature of a device key over the marks of epochs that it knows. */
  epochMarks: "kith/v1/epoch marks",
  /** Key: an exporter secret both devices share → key that proves the device at the far end of a link. */
  linkProof: "kith/v1/link proof",
  /** MAC under the link proof key over both transport addresses. */
  linkMac: "kith/v1/link mac",
  /** Key: an invite's secret → seed of the topic key under which its bundle lies and requests arrive. */
  inviteTopic: "kith/v1/invite topic",
  /** Hash over an invite link's bytes: finds typing errors and truncation, proves nothing. */
  inviteChecksum: "kith/v1/invite checksum",
  /** Hash over two account keys → the digits that two people compare. */
  safetyNumber: "kith/v1/safety number",
  /** Key: an invite's secret → the slot that the one acceptance of a one-time invite takes. */
  accept: "kith/v1/accept",
  /** Signature of a device key that asks for a successor group. */
  healRequest: "kith/v1/heal request",
  /** Signature of a device key over what its person keeps for a contact, and until when. */
  keeping: "kith/v1/keeping",
  /** Key: the epoch secret after somebody was removed from a group → its next topic secret. */
  groupTopic: "kith/v1/group topic",
  /** Signature of a device key: its person leaves the group. */
  leave: "kith/v1/leave",
  /** Signature of a device key: it waited, and its group's owner was not heard. */
  ownerGone: "kith/v1/owner gone",
  /** Signature of a device key that asks to join a group with a link. */
  joinRequest: "kith/v1/join request",
  /** Signature of a link's answer key, or of the device that asked, over what became of a request to join. */
  linkAnswer: "kith/v1/link answer",
  /** Signature of a device key over what its person's link to a group shows, and who may answer it. */
  linkShown: "kith/v1/link shown",
  /** Hash over a link, a group and an account: who may answer, for who knows the group. */
  linkAnswerer: "kith/v1/link answerer",
  /** Hash over a group and an account that it put out. */
  putOut: "kith/v1/put out",
  /** Signature of a device key over what it shares of a group's history. */
  history: "kith/v1/history",
  /** Hash over a copy of a group and a device that wrote in the group: under which the copy numbers what it said. */
  copiedDevice: "kith/v1/copied device",
  /** Hash over the accounts of a group: whether two know the same members. Proves nothing. */
  groupPeople: "kith/v1/group people",
  /** Hash over a job and a device: who of several acts first. Proves nothing. */
  job: "kith/v1/job",
} as const;

export type Label = (typeof labels)[keyof typeof labels];

/**
 * `length of label (1 byte) ‖ label ‖ bytes`. The length makes the frame unambiguous: without it, a label that
 * is the beginning of another could be continued by chosen bytes.
 */
export function labelled(label: Label, bytes: Uint8Array): Uint8Array {
  const name = utf8(label);
  return concat(Uint8Array.of(name.length), name, bytes);
}
