/** The rows a profile is made of, by table. Every row has its primary key in `key`. No row holds what another already says. */

import type { ConversationRecord } from "./conversation-record.ts";
import type { AskedRecord, GroupLinkRecord, JoinRequestRecord } from "./group-link-records.ts";
import type { ChangeRecord, GroupRecord, PartRecord, TreeRecord } from "./group-records.ts";
import type { MessageRecord } from "./message-record.ts";
import type { KeptRecord, OutboxRecord, SeenRecord } from "./outbox-records.ts";
import type { ContactRecord, InviteRecord, KeyPackageRecord, ProfileRecord } from "./people-records.ts";
import type { TopicRecord } from "./topic-record.ts";

export interface Records {
  profile: ProfileRecord;
  contacts: ContactRecord;
  conversations: ConversationRecord;
  messages: MessageRecord;
  groups: GroupRecord;
  trees: TreeRecord;
  outbox: OutboxRecord;
  seen: SeenRecord;
  topics: TopicRecord;
  invites: InviteRecord;
  kept: KeptRecord;
  changes: ChangeRecord;
  keyPackages: KeyPackageRecord;
  parts: PartRecord;
  groupLinks: GroupLinkRecord;
  joinRequests: JoinRequestRecord;
  asked: AskedRecord;
}
export type Table = keyof Records;
