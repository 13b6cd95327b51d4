// What a Messenger without an engine does with groups: keeps them in memory. Own changes wait until `settle`, or for a moment.
import type {
  AccountId,
  AskedView,
  ChangeEndView,
  ConversationId,
  DeviceId,
  GroupAct,
  GroupChangeView,
  GroupFault,
  GroupInviteView,
  GroupMessenger,
  GroupRole,
  GroupView,
  InviteId,
  MessageId,
  MessageInfoView,
  MessageView,
  WriteFaultView,
} from "@kith/core";
import type { Live } from "@kith/core/lang/live.ts";
import { err, ok } from "@kith/core/lang/result.ts";
import {
  apply,
  endOf,
  mayRemove,
  newGroup,
  type PretendGroup,
  rightsOf,
  viewOf,
  votersOf,
} from "./pretend-group-state.ts";
import { type PeopleHost, pretendPeople } from "./pretend-people.ts";

export interface GroupTalk {
  readonly id: ConversationId;
  readonly group: PretendGroup | undefined;
  messages: MessageView[];
}

export interface GroupHost extends PeopleHost {
  readonly nowMs: () => number;
  readonly hex: (bytes: number) => string;
  readonly calls: string[];
  readonly fault: () => WriteFaultView | undefined;
  readonly touch: () => void;
  readonly view: <T>(read: () => T) => Live<T>;
  readonly talk: (id: ConversationId) => GroupTalk | undefined;
  readonly talks: () => Iterable<GroupTalk>;
  readonly begin: (group: PretendGroup, atMs: number) => ConversationId;
  readonly forget: (id: ConversationId) => void;
  readonly append: (id: ConversationId, author: AccountId, body: MessageView["body"], atMs: number) => MessageId;
}

export interface PretendGroups {
  /** What the next act on a group answers instead of being done. */
  fault: GroupFault | undefined;
  /** Own changes come into force after this; undefined: by `settle` only. */
  decideAfterMs: number | undefined;
  waits: GroupChangeView["waits"];
  /** What this person asked for by links. */
  asked: readonly AskedView[];
  /** Somebody who is no contact. */
  stranger(name: string): AccountId;
  add(
    name: string,
    members: readonly (readonly [AccountId, GroupRole])[],
    emoji?: string,
    atMs?: number,
  ): ConversationId;
  receive(id: ConversationId, author: AccountId, text: string, atMs?: number): MessageId;
  act(id: ConversationId, author: AccountId, act: GroupAct, atMs?: number): void;
  tell(id: ConversationId, author: AccountId, body: MessageView["body"], atMs?: number): MessageId;
  settle(): void;
  end(id: ConversationId, why: ChangeEndView["why"], by: AccountId | undefined): void;
  reach(message: MessageId, reached: MessageView["reached"]): void;
  change(id: ConversationId, change: Partial<PretendGroup>): void;
  /** These say that the owner is gone and `next` should be it; the last of them says it now. */
  miss(id: ConversationId, next: AccountId, agreed: readonly AccountId[]): void;
}

export function pretendGroups(host: GroupHost) {
  const { me, nowMs } = host;
  const people = pretendPeople(host);
  const { contactOf, nameOf } = people;

  function tell(id: ConversationId, author: AccountId, body: MessageView["body"], atMs = nowMs()): MessageId {
    return host.append(id, author, body, atMs);
  }
  function act(id: ConversationId, author: AccountId, what: GroupAct, atMs = nowMs()): void {
    const group = groupOf(id);
    const event = group && apply(group, author, what);
    if (!group || !event) return;
    if (what.kind === "remove" && what.account === me) group.ended = { kind: "removed", by: author, atMs };
    tell(id, author, { kind: "event", event }, atMs);
  }
  const groupOf = (id: ConversationId): PretendGroup | undefined => host.talk(id)?.group;
  const waiting = () => [...host.talks()].flatMap((talk) => talk.group?.changes.map((each) => ({ talk, each })) ?? []);

  function settle(): void {
    for (const { talk, each } of waiting()) {
      if (talk.group) talk.group.changes = talk.group.changes.filter((other) => other !== each);
      if (each.act.kind !== "let-in") act(talk.id, me, each.act);
    }
    host.touch();
  }
  function order(group: PretendGroup, what: GroupAct): void {
    group.changes = [...group.changes, { id: host.hex(8), act: what, sinceMs: nowMs(), waits: control.waits }];
    host.touch();
    if (control.decideAfterMs !== undefined && control.waits === "deciding") setTimeout(settle, control.decideAfterMs);
  }
  /** The group, where the act is possible at all. */
  function open(call: string, id: ConversationId) {
    host.calls.push(call);
    const fault = control.fault ?? host.fault();
    if (fault) return err(fault);
    const group = groupOf(id);
    return group ? ok(group) : err("no-such-conversation" as const);
  }
  function faultIn(group: PretendGroup, what: GroupAct): GroupFault | undefined {
    const rights = rightsOf(group, me);
    if (what.kind === "add") {
      if (!rights.add) return "not-allowed";
      if (what.people.length === 0 || what.people.some((each) => !contactOf(each))) return "people";
      return group.members.length + what.people.length > 100 ? "too-many" : undefined;
    }
    if (what.kind === "remove") return rights.remove.includes(what.account) ? undefined : "not-allowed";
    if (what.kind === "role" || what.kind === "hand-over") return rights.appoint ? undefined : "not-allowed";
    if (!rights.edit) return "not-allowed";
    if (what.kind === "move") return what.nodes.length > 0 && what.nodes.length <= 3 ? undefined : "nodes";
    if (what.kind === "rename" && (what.name.trim() === "" || what.name.length > 60)) return "name";
    if (what.kind === "describe" && what.description.length > 500) return "description";
    return what.kind === "picture" && what.emoji.length > 16 ? "emoji" : undefined;
  }
  function rewrite(change: (message: MessageView) => MessageView): void {
    for (const talk of host.talks()) if (talk.group) talk.messages = talk.messages.map(change);
    host.touch();
  }

  function missed(id: ConversationId, group: PretendGroup, next: AccountId, agreed: readonly AccountId[]): void {
    const owner = group.members.find(({ role }) => role === "owner")?.account;
    const voters = votersOf(group);
    group.ownerGone = {
      owner,
      next,
      by: agreed[0] ?? me,
      agreed,
      needed: Math.floor(voters.length / 2) + 1,
      of: voters.length,
      voters: group.members.some(({ role }) => role === "admin") ? "admins" : "members",
      confirmed: [],
      mine: agreed.includes(me),
      untilMs: group.ownerGone?.untilMs ?? nowMs() + 14 * 86_400_000,
    };
    tell(id, agreed.at(-1) ?? me, { kind: "event", event: { kind: "owner-gone", owner, next } });
    host.touch();
  }

  const control: PretendGroups = {
    fault: undefined,
    decideAfterMs: undefined,
    waits: "deciding",
    asked: [],
    stranger(name) {
      const account = host.hex(32) as AccountId;
      people.meet(account, name);
      return account;
    },
    add(name, members, emoji = "", atMs = nowMs()) {
      const group = newGroup(
        name,
        emoji,
        members.map(([account, role]) => ({ account, role, leaving: false })),
      );
      return host.begin(group, atMs);
    },
    receive: (id, author, text, atMs = nowMs()) => tell(id, author, { kind: "text", text }, atMs),
    act,
    tell,
    settle,
    end(id, why, by) {
      const group = groupOf(id);
      const [first, ...rest] = group?.changes ?? [];
      if (!group || !first) return;
      group.changes = rest;
      tell(id, me, { kind: "change-ended", end: endOf(first.act, why, by) });
    },
    reach: (id, reached) => rewrite((message) => (message.id === id ? { ...message, reached } : message)),
    miss(id, next, agreed) {
      const group = groupOf(id);
      if (group) missed(id, group, next, agreed);
    },
    change(id, change) {
      Object.assign(groupOf(id) ?? {}, change);
      host.touch();
    },
  };

  const messenger: GroupMessenger = {
    names: () => host.view(people.names),
    async createGroup({ name, emoji, people }) {
      host.calls.push(`createGroup ${name}`);
      const fault = control.fault ?? host.fault();
      if (fault) return err(fault);
      if (name.trim() === "" || name.length > 60) return err("name");
      if (people.some((each) => !contactOf(each))) return err("people");
      const group = newGroup(name.trim(), emoji, [{ account: me, role: "owner", leaving: false }]);
      const id = host.begin(group, nowMs());
      tell(id, me, { kind: "event", event: { kind: "created" } });
      if (people.length > 0) order(group, { kind: "add", people });
      return ok(id);
    },
    async forkGroup(id, { name, emoji, people, history, byLink }) {
      const old = open(`forkGroup ${name}`, id);
      if (!old.ok) return old;
      if (name.trim() === "" || name.length > 60) return err("name");
      if (people.some((each) => !contactOf(each))) return err("people");
      const group = newGroup(name.trim(), emoji, [{ account: me, role: "owner", leaving: false }]);
      group.rules = { ...group.rules, history: history ? "all" : "none", joining: byLink ? "open" : "approval" };
      const copy = host.begin(group, nowMs());
      const copied = history ? (host.talk(id)?.messages ?? []).filter(({ body }) => body.kind === "text") : [];
      const talk = host.talk(copy);
      const unmarked = { mark: undefined, reached: undefined, sharedBy: me };
      if (talk) talk.messages = copied.map((each) => ({ ...each, ...unmarked, id: host.hex(24) as MessageId }));
      tell(copy, me, { kind: "event", event: { kind: "created", from: old.value.name } });
      if (people.length > 0) order(group, { kind: "add", people });
      return ok(copy);
    },
    async changeGroup(id, what) {
      const group = open(`changeGroup ${what.kind}${what.kind === "move" ? ` ${what.nodes.join(" ")}` : ""}`, id);
      if (!group.ok) return group;
      const fault = faultIn(group.value, what);
      if (fault) return err(fault);
      order(group.value, what);
      return ok(undefined);
    },
    async cancelChange(id, change) {
      host.calls.push("cancelChange");
      const group = groupOf(id);
      if (group) group.changes = group.changes.filter((each) => each.id !== change);
      host.touch();
      return ok(undefined);
    },
    async leaveGroup(id) {
      const group = open("leaveGroup", id);
      if (!group.ok) return group;
      if (rightsOf(group.value, me).leave === "hand-over") return err("hand-over");
      for (const each of group.value.members) if (each.account === me) each.leaving = true;
      group.value.ended = { kind: "left", atMs: nowMs() };
      group.value.changes = [];
      tell(id, me, { kind: "event", event: { kind: "left", account: me } });
      return ok(undefined);
    },
    async deleteGroup(id) {
      const group = open("deleteGroup", id);
      if (!group.ok) return group;
      if (!group.value.ended) return err("not-allowed");
      host.forget(id);
      return ok(undefined);
    },
    async setMuted(id, on) {
      const group = open(`setMuted ${on}`, id);
      if (group.ok) group.value.muted = on;
      host.touch();
      const fault = host.fault();
      return fault ? err(fault) : ok(undefined);
    },
    async createGroupInvite(id, { lastsMs, budget }) {
      const group = open(`createGroupInvite ${budget}`, id);
      if (!group.ok) return group;
      const invite: GroupInviteView = {
        id: host.hex(16) as InviteId,
        link: `${location.origin}/#/i/Ag${"k3Vn8Lw1qTz-5Rb7".repeat(8)}${host.hex(3)}`,
        createdAtMs: nowMs(),
        expiresAtMs: nowMs() + lastsMs,
        budget,
        used: 0,
        by: me,
        state: "ready",
      };
      group.value.invites = [invite, ...group.value.invites];
      host.touch();
      return ok(invite);
    },
    async withdrawGroupInvite(id, invite) {
      const group = open("withdrawGroupInvite", id);
      if (!group.ok) return group;
      group.value.invites = group.value.invites.filter((each) => each.id !== invite);
      host.touch();
      return ok(undefined);
    },
    async answerJoinRequest(id, account, letIn) {
      const group = open(`answerJoinRequest ${letIn}`, id);
      if (!group.ok) return group;
      const request = group.value.requests.find((each) => each.account === account);
      group.value.requests = group.value.requests.filter((each) => each !== request);
      if (letIn && request) {
        people.meet(account, request.name);
        group.value.members.push({ account, role: "member", leaving: false });
        tell(id, me, { kind: "event", event: { kind: "joined", account } });
      }
      host.touch();
      return ok(undefined);
    },
    async proposeOwner(id, next) {
      const group = open("proposeOwner", id);
      if (!group.ok) return group;
      missed(id, group.value, next, [me]);
      return ok(undefined);
    },
    async agreeOwner(id) {
      const group = open("agreeOwner", id);
      if (!group.ok) return group;
      const { next, agreed } = group.value.ownerGone ?? {};
      if (next === undefined || agreed === undefined) return err("not-allowed");
      missed(id, group.value, next, [...agreed, me]);
      return ok(undefined);
    },
    async withdrawOwnerProposal(id) {
      const group = open("withdrawOwnerProposal", id);
      if (!group.ok) return group;
      const { owner, next, agreed = [] } = group.value.ownerGone ?? {};
      const left = owner === me ? [] : agreed.filter((each) => each !== me);
      if (next !== undefined && left.length > 0) missed(id, group.value, next, left);
      else group.value.ownerGone = undefined;
      const event =
        owner === me
          ? ({ kind: "owner-here", account: me } as const)
          : { kind: "owner-gone-withdrawn" as const, owner };
      tell(id, me, { kind: "event", event });
      host.touch();
      return ok(undefined);
    },
    asked: host.view(() => control.asked),
    async cancelAsked(id) {
      host.calls.push("cancelAsked");
      const fault = host.fault();
      if (fault) return err(fault);
      control.asked = control.asked.filter((each) => each.id !== id);
      host.touch();
      return ok(undefined);
    },
    async removeMessage(message) {
      host.calls.push("removeMessage");
      if (control.fault) return err(control.fault);
      for (const { group, messages } of host.talks()) {
        const found = messages.find((each) => each.id === message);
        if (found && group && !mayRemove(group, me, found.author)) return err("not-allowed");
      }
      rewrite((each) => (each.id === message ? { ...each, mark: undefined, body: { kind: "removed", by: me } } : each));
      return ok(undefined);
    },
    async reportMessage(_message, words) {
      host.calls.push(`reportMessage ${words}`);
      return control.fault ? err(control.fault) : ok(undefined);
    },
    async setBlocked(account, on) {
      host.calls.push(`setBlocked ${on}`);
      const fault = host.fault();
      if (fault) return err(fault);
      people.block(account, on);
      rewrite((message) => ({ ...message, hidden: people.isBlocked(message.author) && message.body.kind !== "event" }));
      return ok(undefined);
    },
    async setKnownAs(account, name) {
      host.calls.push(`setKnownAs ${name}`);
      const fault = host.fault();
      if (fault) return err(fault);
      if (name.length > 60) return err("too-long");
      people.call(account, name.trim());
      host.touch();
      return ok(undefined);
    },
  };

  return {
    control,
    messenger,
    view: (group: PretendGroup): GroupView => viewOf(group, me, people.member),
    verify: people.verify,
    called: people.called,
    isHidden: people.isBlocked,
    /** As many as its count says, in the order of the members. */
    recipients: (group: PretendGroup, { sentAtMs, reached }: MessageView): MessageInfoView["recipients"] =>
      group.members
        .filter((each) => each.account !== me)
        .map(({ account }, at) => ({
          account,
          name: nameOf(account),
          device: account.slice(0, 32) as DeviceId,
          deliveredAtMs: at < (reached?.delivered ?? 0) ? sentAtMs + 2_000 : undefined,
          readAtMs: at < (reached?.read ?? 0) ? sentAtMs + 60_000 : undefined,
          refusedAtMs: undefined,
        })),
    others: (group: PretendGroup) => group.members.filter((each) => each.account !== me),
  };
}
