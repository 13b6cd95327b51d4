/** Parts of the face whose story is not told yet. This file goes when the last of them is. */

import { liveCell } from "../lang/live.ts";
import { err } from "../lang/result.ts";
import type { Messenger } from "./face.ts";

export const soon: Pick<
  Messenger,
  "diagnosis" | "probe" | "setNodes" | "moveConversation" | "setRelayOnly" | "setContactRelayOnly" | "sendAgain"
> = {
  diagnosis: () => liveCell(undefined),
  probe: () => {},
  setNodes: async () => err("nodes"),
  moveConversation: async () => err("not-allowed"),
  setRelayOnly: async () => err("storage-lost"),
  setContactRelayOnly: async () => err("storage-lost"),
  sendAgain: async () => err("not-allowed"),
};
