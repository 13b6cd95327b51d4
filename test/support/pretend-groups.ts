// What a Messenger without an engine does with groups.
import type { GroupMessenger } from "@kith/core";
import { liveCell } from "@kith/core/lang/live.ts";
import { err } from "@kith/core/lang/result.ts";

export function pretendGroups(): GroupMessenger {
  const none = async () => err("no-such-conversation" as const);
  const refused = async () => err("storage-lost" as const);
  return {
    names: () => liveCell(new Map()),
    createGroup: none,
    changeGroup: none,
    cancelChange: refused,
    leaveGroup: none,
    deleteGroup: none,
    setMuted: refused,
    createGroupInvite: none,
    withdrawGroupInvite: none,
    answerJoinRequest: none,
    removeMessage: none,
    reportMessage: none,
    setBlocked: refused,
    setKnownAs: refused,
  };
}
