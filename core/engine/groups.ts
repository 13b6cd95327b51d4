/** What an application does with groups (PROTOCOL.md §13). */

import { liveCell } from "../lang/live.ts";
import { err } from "../lang/result.ts";
import type { GroupMessenger } from "./group-face.ts";

export function createGroups(): GroupMessenger {
  const none = async () => err("no-such-conversation" as const);
  return {
    names: () => liveCell(new Map()),
    createGroup: none,
    changeGroup: none,
    cancelChange: async () => err("storage-lost"),
    leaveGroup: none,
    deleteGroup: none,
    setMuted: async () => err("storage-lost"),
    createGroupInvite: none,
    withdrawGroupInvite: none,
    answerJoinRequest: none,
    removeMessage: none,
    reportMessage: none,
    setBlocked: async () => err("storage-lost"),
    setKnownAs: async () => err("storage-lost"),
  };
}
