/** Making a successor group for a device that asks (§11), and taking it into use here. */

import { addDevices, createGroup } from "../group/create.ts";
import type { DeviceId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { Asker } from "../ports/healing.ts";
import { type Context, commit, me } from "./context.ts";
import { unchangedOrNone } from "./group-step.ts";
import { haveOfDevices } from "./have.ts";
import { type AboutKeys, aboutKeysRow } from "./heal-request.ts";
import { ownMark } from "./outbox-row.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { leafCheckWith } from "./roster.ts";
import { successionChanges } from "./successor.ts";

const groupIdBytes = 16;

/** Of two that ask each other, the one with the lower device id makes the group; so one is made, not two. */
function answersAlthoughAsking(own: DeviceId, asker: Asker): boolean {
  return own < asker.device;
}

/** Call within the conversation's turn. */
export async function answerTo(
  context: Context,
  about: AboutKeys,
  asker: Asker,
): Promise<"answered" | "not-mine" | "not-written"> {
  const { conversation, group, topic } = about;
  const profile = await me(context);
  if (conversation.healing?.asked !== undefined && !answersAlthoughAsking(profile.device, asker)) return "not-mine";
  const check = await leafCheckWith(context, conversation.contact);
  const generation = Math.max(group?.generation ?? 0, asker.generation) + 1;
  const own = await ownKeyPackage(profile);
  const alone = await createGroup(
    context.random.bytes(groupIdBytes),
    {
      conversation: conversation.key,
      kind: "direct",
      topicSecret: topic.secret,
      nodes: conversation.nodes,
      generation,
    },
    own,
    check,
  );
  const together = await addDevices(alone, [asker.keyPackage], check);
  const answered: ConversationRecord = { ...conversation, asker: undefined };
  if (!together.ok) {
    // Its device is not listed any more: nothing can be made for it.
    await commit(context, { changes: [{ kind: "put", table: "conversations", row: answered }] });
    return "not-mine";
  }
  const row = aboutKeysRow(context, { ...about, conversation: answered }, generation, [asker.device], {
    kind: "successor",
    deviceList: profile.deviceList,
    welcome: together.value.welcome,
    generation,
    have: haveOfDevices(conversation, [asker.device]),
  });
  const succession = { conversation: answered, before: group, topic, state: together.value.next, have: asker.have };
  const changes = await successionChanges(context, profile, succession);
  const written = await commit(context, {
    expect: [unchangedOrNone(conversation.key, group)],
    changes: [...changes, { kind: "put", table: "outbox", row }, ownMark(context, row.key, row.conversation)],
  });
  return written.ok ? "answered" : "not-written";
}
