/** Parts of the face whose story is not told yet. This file goes when the last of them is. */

import { err } from "../lang/result.ts";
import type { Messenger } from "./face.ts";

export const soon: Pick<Messenger, "setNodes" | "moveConversation" | "sendAgain"> = {
  setNodes: async () => err("nodes"),
  moveConversation: async () => err("not-allowed"),
  sendAgain: async () => err("not-allowed"),
};
