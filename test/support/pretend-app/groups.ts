// Groups in every state, for looking at them: one's own, one as a member, an announcement group, one that one left.
import type { AccountId, ConversationId, InviteId } from "@kith/core";
import { openRules } from "../pretend-group-state.ts";
import type { Pretend } from "../pretend-messenger.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

export function groups(pretend: Pretend): void {
  const now = Date.now();
  const me = "aa".repeat(32) as AccountId;
  const accountOf = (name: string): AccountId => {
    let found: AccountId | undefined;
    pretend.messenger.conversations.subscribe((all) => {
      found = all.find((each) => each.title === name)?.contact;
    })();
    if (!found) throw new Error(`nobody is called ${name}`);
    return found;
  };
  const ana = accountOf("Ana Petrović");
  const dora = accountOf("Dora Ilves");
  const jonas = accountOf("Jonas");
  const tomas = pretend.groups.stranger("Tomás");
  const mei = pretend.groups.stranger("Mei Lin");
  const troll = pretend.groups.stranger("Loud Larry");

  const garden = pretend.groups.add(
    "Garden on Saturday",
    [
      [me, "owner"],
      [ana, "admin"],
      [dora, "admin"],
      [tomas, "member"],
      [troll, "member"],
    ],
    "🌻",
    now - 9 * day,
  );
  const tell = (id: ConversationId, author: AccountId, event: Parameters<Pretend["groups"]["act"]>[2], atMs: number) =>
    pretend.groups.act(id, author, event, atMs);
  pretend.groups.tell(garden, me, { kind: "event", event: { kind: "created" } }, now - 9 * day);
  pretend.groups.tell(
    garden,
    me,
    { kind: "event", event: { kind: "added", people: [ana, dora, tomas] } },
    now - 9 * day + 1_000,
  );
  tell(garden, me, { kind: "role", account: ana, role: "admin" }, now - 8 * day);
  tell(garden, me, { kind: "role", account: dora, role: "admin" }, now - 8 * day + 1_000);
  tell(
    garden,
    ana,
    { kind: "describe", description: "The beds behind the school. Bring gloves, and water for yourself." },
    now - 8 * day + minute,
  );
  pretend.groups.tell(garden, troll, { kind: "event", event: { kind: "joined", account: troll } }, now - 7 * day);
  pretend.groups.receive(garden, ana, "Shall we begin at ten?", now - day - 50 * minute);
  pretend.groups.receive(garden, ana, "I bring the big watering can.", now - day - 49 * minute);
  pretend.groups.receive(garden, tomas, "Ten is fine. Who has the key to the shed?", now - day - 45 * minute);
  pretend.groups.receive(garden, troll, "BUY MY SEEDS", now - day - 44 * minute);
  const mine = pretend.say(
    garden,
    "I have it. I will be there a bit earlier and open.",
    { kind: "held", untilMs: now + 12 * day },
    now - day - 40 * minute,
  );
  pretend.groups.reach(mine, { delivered: 3, read: 2, of: 4 });
  pretend.groups.tell(garden, troll, { kind: "removed", by: ana }, now - day - 30 * minute);
  tell(garden, me, { kind: "rules", rules: { ...openRules, slowModeS: 30 } }, now - day - 29 * minute);
  pretend.groups.tell(
    garden,
    me,
    { kind: "change-ended", end: { act: { kind: "add", people: [jonas] }, why: "moot", by: ana } },
    now - day - 20 * minute,
  );
  pretend.groups.receive(
    garden,
    dora,
    "Then I come with the wheelbarrow and Jonas, he wanted to see it anyway.",
    now - 12 * minute,
  );
  pretend.groups.receive(garden, tomas, "🌱🌱", now - 11 * minute);
  const last = pretend.say(garden, "Lovely.", { kind: "read", atMs: now - 9 * minute }, now - 10 * minute);
  pretend.groups.reach(last, { delivered: 4, read: 4, of: 4 });
  void pretend.messenger.groups.setBlocked(troll, true);
  void pretend.messenger.groups.setKnownAs(tomas, "Tomás from the shed");
  void pretend.messenger.markRead(garden);
  pretend.groups.change(garden, {
    requests: [{ account: mei, name: "Mei Lin", atMs: now - 40 * minute }],
    invites: [
      {
        id: "1f".repeat(16) as InviteId,
        link: `${location.origin}/#/i/Ag${"k3Vn8Lw1qTz-5Rb7".repeat(8)}x9Q2z`,
        createdAtMs: now - 2 * day,
        expiresAtMs: now + 5 * day,
        budget: 10,
        used: 2,
        by: ana,
        state: "ready",
      },
      {
        id: "2f".repeat(16) as InviteId,
        link: `${location.origin}/#/i/Ag${"k3Vn8Lw1qTz-5Rb7".repeat(8)}b7L0w`,
        createdAtMs: now - 9 * day,
        expiresAtMs: now - 2 * day,
        budget: 5,
        used: 1,
        by: me,
        state: "expired",
      },
    ],
  });
  pretend.groups.miss(garden, dora, [ana]);
  pretend.groups.asked = (["waiting", "refused", "withdrawn"] as const).map((state, at) => ({
    id: `${at}e`.repeat(16),
    name: ["Repair café", "Night swimmers of the old harbour", "Board games"][at] ?? "",
    emoji: ["", "🏊", "🎲"][at] ?? "",
    people: 12,
    askedAtMs: now - (at + 1) * 60 * minute,
    endsAtMs: now + 5 * day,
    state,
  }));
  pretend.groups.waits = "node";
  void pretend.messenger.groups.changeGroup(garden, { kind: "add", people: [jonas] });
  pretend.groups.waits = "deciding";

  const choir = pretend.groups.add(
    "Choir of the old harbour, announcements",
    [
      [ana, "owner"],
      [dora, "admin"],
      [me, "member"],
      [mei, "member"],
    ],
    "",
    now - 30 * day,
  );
  pretend.groups.tell(choir, ana, { kind: "event", event: { kind: "added", people: [me, mei] } }, now - 30 * day);
  pretend.groups.change(choir, { rules: { ...openRules, writers: "admins" }, muted: true });
  pretend.groups.receive(choir, dora, "No rehearsal next Tuesday. The hall is being painted.", now - 3 * day);
  pretend.groups.receive(choir, ana, "And the concert is on the 14th.", now - 2 * day);

  const slow = pretend.groups.add(
    "Street talk",
    [
      [tomas, "owner"],
      [me, "member"],
      [ana, "member"],
    ],
    "🏡",
    now - 12 * day,
  );
  pretend.groups.change(slow, { rules: { ...openRules, slowModeS: 300 } });
  pretend.groups.receive(slow, tomas, "Has anybody seen the grey cat?", now - 6 * minute);
  pretend.say(slow, "She is on our roof.", { kind: "saved" }, now - 2 * minute);
  void pretend.messenger.markRead(slow);

  const old = pretend.groups.add(
    "Summer house",
    [
      [dora, "owner"],
      [ana, "member"],
    ],
    "⛺",
    now - 60 * day,
  );
  pretend.groups.receive(old, dora, "The roof is mended!", now - 41 * day);
  pretend.groups.tell(old, dora, { kind: "event", event: { kind: "removed", people: [me] } }, now - 40 * day);
  pretend.groups.change(old, { ended: { kind: "removed", by: dora, atMs: now - 40 * day } });
  void pretend.messenger.markRead(old);
  pretend.groups.decideAfterMs = 2_000;
}
