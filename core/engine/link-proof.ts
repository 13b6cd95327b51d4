/** Proving and checking which device is at the end of a link (§7.1). */

import { labels } from "../crypto/labels.ts";
import { equalMac } from "../crypto/mac.ts";
import { sign, verify } from "../crypto/signature.ts";
import { membersIfReadable } from "../group/state.ts";
import type { DeviceId } from "../lang/brand.ts";
import type { RawLink } from "../ports/links.ts";
import { type LinkFrame, linkMac } from "../wire/link-protocol.ts";
import { type Context, me } from "./context.ts";
import { type Speaking, secretOfEpoch, speakingOn } from "./epoch.ts";

type Proof = Extract<LinkFrame, { kind: "proof" }>;

/** This device's proof for `raw`, under the conversation's newest epoch. */
export async function proofFor(context: Context, raw: RawLink, { topic, group }: Speaking): Promise<Proof> {
  const profile = await me(context);
  const secret = secretOfEpoch(group, group.epoch);
  if (secret === undefined) throw new Error("a group row without the secret of its epoch");
  const mac = linkMac(secret, {
    role: raw.role,
    ownPeer: raw.localPeer,
    otherPeer: raw.remotePeer,
    topic: topic.key,
    device: profile.device,
  });
  const signature = sign(labels.linkProof, mac, profile.deviceSeed);
  return { kind: "proof", topic: topic.key, epoch: group.epoch, device: profile.device, mac, signature };
}

/** Who is proved to be there: a member device of an accepted contact, never one of our own. */
export async function checkProof(
  context: Context,
  raw: RawLink,
  proof: Proof,
): Promise<{ readonly device: DeviceId; readonly speaking: Speaking } | undefined> {
  const speaking = await speakingOn(context, proof.topic);
  const secret = speaking && secretOfEpoch(speaking.group, proof.epoch);
  if (speaking === undefined || secret === undefined) return undefined;
  const expected = linkMac(secret, {
    role: raw.role === "dialler" ? "listener" : "dialler",
    ownPeer: raw.remotePeer,
    otherPeer: raw.localPeer,
    topic: proof.topic,
    device: proof.device,
  });
  if (!equalMac(expected, proof.mac)) return undefined;
  const members = membersIfReadable(speaking.group.state);
  const member = members.find(({ credential }) => credential.device === proof.device);
  if (member === undefined || member.credential.account !== speaking.conversation.contact) return undefined;
  if (!verify(labels.linkProof, proof.mac, proof.signature, member.signatureKey)) return undefined;
  return { device: proof.device, speaking };
}
