/** Parts of the face whose story is not told yet. This file goes when the last of them is. */

import { liveCell } from "../lang/live.ts";
import { err } from "../lang/result.ts";
import type { Messenger } from "./face.ts";

export const soon: Pick<Messenger, "diagnosis" | "probe" | "setNodes" | "moveConversation" | "sendAgain"> = {
  diagnosis: () => liveCell(undefined),
  probe: () => {},
  setNodes: async () => err("nodes"),
  moveConversation: async () => err("not-allowed"),
  sendAgain: async () => err("not-allowed"),
};
