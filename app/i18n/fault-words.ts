/** Which sentence belongs to which fault of the engine. The compiler refuses a fault without one. */
import type { InviteFault, NameFault, NodesFault, SendAgainFault, SendFault, WriteFaultView } from "@kith/core";
import type { SentenceKey } from "./words.ts";

export const inviteFaultWords: Readonly<Record<InviteFault, SentenceKey>> = {
  malformed: "inviteFault.malformed",
  damaged: "inviteFault.damaged",
  "newer-version": "inviteFault.newerVersion",
  expired: "inviteFault.expired",
  own: "inviteFault.own",
  "blocked-person": "inviteFault.blockedPerson",
  used: "inviteFault.used",
  asked: "inviteFault.asked",
  withdrawn: "inviteFault.withdrawn",
  "not-found": "inviteFault.notFound",
  "node-unreachable": "inviteFault.nodeUnreachable",
  forged: "inviteFault.forged",
  "storage-full": "inviteFault.storageFull",
  "storage-lost": "inviteFault.storageLost",
};

/** Faults that another try, without a new link, can mend. */
export const inviteFaultPasses: ReadonlySet<InviteFault> = new Set([
  "node-unreachable",
  "storage-full",
  "storage-lost",
]);

export const nameFaultWords: Readonly<Record<NameFault | WriteFaultView | "already-started", SentenceKey>> = {
  empty: "nameFault.empty",
  "too-long": "nameFault.tooLong",
  "already-started": "nameFault.alreadyStarted",
  "storage-full": "writeFault.storageFull",
  "storage-lost": "writeFault.storageLost",
};

export const sendFaultWords: Readonly<Record<SendFault, SentenceKey>> = {
  empty: "sendFault.empty",
  "too-long": "sendFault.tooLong",
  "not-allowed": "sendFault.notAllowed",
  "slow-mode": "sendFault.slowMode",
  "no-such-conversation": "sendFault.noSuchConversation",
  "storage-full": "sendFault.storageFull",
  "storage-lost": "sendFault.storageLost",
};

export const sendAgainFaultWords: Readonly<Record<SendAgainFault, SentenceKey>> = {
  ...sendFaultWords,
  "nothing-to-send": "sendFault.nothingToSend",
};

export const nodesFaultWords: Readonly<Record<NodesFault | "not-allowed", SentenceKey>> = {
  nodes: "nodesFault.nodes",
  "not-allowed": "nodesFault.notAllowed",
  "storage-full": "writeFault.storageFull",
  "storage-lost": "writeFault.storageLost",
};

export const writeFaultWords: Readonly<Record<WriteFaultView, SentenceKey>> = {
  "storage-full": "writeFault.storageFull",
  "storage-lost": "writeFault.storageLost",
};
