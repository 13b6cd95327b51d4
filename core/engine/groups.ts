/** What an application does with groups (PROTOCOL.md §13). */

import { liveCell } from "../lang/live.ts";
import { err } from "../lang/result.ts";
import type { Engine } from "./engine.ts";
import { createNewGroup } from "./group-create.ts";
import type { GroupMessenger } from "./group-face.ts";

export function createGroups({ context, afterwards, kick }: Engine): GroupMessenger {
  const none = async () => err("no-such-conversation" as const);
  return {
    names: () => liveCell(new Map()),
    async createGroup(choice) {
      const made = await afterwards(createNewGroup(context, choice));
      if (made.ok) kick(made.value);
      return made;
    },
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
