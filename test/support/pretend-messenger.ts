// A Messenger without an engine: everything in memory, moved by hand. For tests of the app and for looking at it.
// It keeps the face's promises (a Live tells its value at subscription, faults are values) and nothing else.
import type {
  AccountId,
  ContactStanding,
  ContactView,
  ConversationId,
  ConversationSummary,
  ConversationView,
  DeviceId,
  DiagnosisView,
  DirectView,
  InviteFault,
  InviteId,
  InvitePreview,
  InviteView,
  MessageId,
  MessageInfoView,
  MessageMark,
  MessageView,
  Messenger,
  NetworkView,
  NodesFault,
  NodeUrl,
  NodeView,
  PathView,
  PresenceView,
  ProfileView,
  SendAgainFault,
  SendFault,
  StorageView,
  WriteFaultView,
} from "@kith/core";
import { type Live, type LiveCell, liveCell } from "@kith/core/lang/live.ts";
import { err, ok } from "@kith/core/lang/result.ts";
import { factsOf, healthyDiagnosis, healthyNode, pretendAccount as me, pretendNode as node } from "./pretend-facts.ts";
import type { PretendGroup } from "./pretend-group-state.ts";
import { type PretendGroups, pretendGroups } from "./pretend-groups.ts";

interface Person {
  readonly account: AccountId;
  name: string;
  standing: ContactStanding;
  verified: boolean;
  presence: PresenceView;
  path: PathView;
  relayOnly: boolean;
  keepsFor: boolean;
  keeper: boolean;
  devices: number;
  sinceMs: number;
}

interface Talk {
  readonly id: ConversationId;
  readonly person: Person | undefined;
  readonly group: PretendGroup | undefined;
  messages: MessageView[];
  draft: string;
  typing: boolean;
  /** How many of the newest messages of the other side were not read. */
  unread: number;
  nodes: readonly NodeUrl[];
  healingSinceMs: number | undefined;
  missing: number;
  readonly beganMs: number;
}

type Profile = Extract<ProfileView, { kind: "person" }>;

export interface PretendOptions {
  /** Absent: nobody lives here yet. */
  readonly name?: string;
  readonly nowMs?: () => number;
}

export interface Pretend {
  readonly messenger: Messenger;
  /** What the next call answers instead of doing its work. */
  readonly faults: {
    send?: SendFault;
    write?: WriteFaultView;
    preview?: InviteFault;
    accept?: InviteFault;
    again?: SendAgainFault;
    nodes?: NodesFault;
  };
  readonly calls: string[];
  preview: InvitePreview;
  addPerson(name: string, options?: Partial<Omit<Person, "account" | "name">>): ConversationId;
  selfId(): ConversationId;
  receive(id: ConversationId, text: string, atMs?: number): MessageId;
  say(id: ConversationId, text: string, mark?: MessageMark, atMs?: number): MessageId;
  mark(id: ConversationId, message: MessageId, mark: MessageMark): void;
  change(id: ConversationId, change: Partial<Omit<Person, "account">>): void;
  typing(id: ConversationId, typing: boolean): void;
  /** Healing, what is missing, and the nodes of a conversation. */
  state(id: ConversationId, change: Partial<Pick<Talk, "healingSinceMs" | "missing" | "nodes">>): void;
  /** The line that tells of renewed keys. */
  notice(id: ConversationId, atMs?: number): MessageId;
  /** Facts of a message other than those that its mark implies. */
  facts(message: MessageId, facts: Partial<MessageInfoView>): void;
  /** What the doctor finds other than that all is well. */
  diagnosis(id: ConversationId, found: Partial<DiagnosisView>): void;
  nodes(views: readonly NodeView[]): void;
  invite(change: Partial<InviteView>): void;
  network(view: NetworkView): void;
  direct(view: DirectView): void;
  storage(view: StorageView): void;
  /** Called after each own message, for a world that answers. */
  onSent: ((id: ConversationId, message: MessageId, text: string) => void) | undefined;
  onProbe: ((id: ConversationId) => void) | undefined;
  readonly groups: PretendGroups;
}

export function createPretendMessenger(options: PretendOptions = {}): Pretend {
  const nowMs = options.nowMs ?? Date.now;
  const talks = new Map<ConversationId, Talk>();
  const changed = liveCell(0);
  const touch = () => changed.set(changed.value + 1);
  let serial = 0;
  /** Looks like a key or an id; every one different, the same in every run. */
  const hex = (bytes: number) => {
    let state = ++serial;
    const digit = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state >>> 24) & 15;
    };
    return Array.from({ length: bytes * 2 }, () => digit().toString(16)).join("");
  };

  const profile: LiveCell<ProfileView> = liveCell<ProfileView>({ kind: "none" });
  const network = liveCell<NetworkView>({ kind: "connected", node });
  const direct = liveCell<DirectView>("ready");
  const nodes = liveCell<readonly NodeView[]>([healthyNode(node, true, nowMs())]);
  const otherFacts = new Map<MessageId, Partial<MessageInfoView>>();
  const found = new Map<ConversationId, Partial<DiagnosisView>>();
  const storage = liveCell<StorageView>({ kind: "well" });
  const invites = liveCell<readonly InviteView[]>([]);

  const view = <T>(read: () => T): Live<T> => ({ subscribe: (listener) => changed.subscribe(() => listener(read())) });

  function begin(name: string) {
    const device = hex(16) as DeviceId;
    profile.set({ kind: "person", account: me, device, name, nodes: [node], receipts: true, relayOnly: false });
    addTalk(undefined, nowMs());
  }
  function changeProfile(next: Partial<Profile>) {
    if (profile.value.kind === "person") profile.set({ ...profile.value, ...next });
  }
  function addTalk(person: Person | undefined, beganMs: number, group?: PretendGroup): ConversationId {
    const id = hex(16) as ConversationId;
    const kept = { nodes: person || group ? [node] : [], healingSinceMs: undefined, missing: 0 };
    talks.set(id, { id, person, group, messages: [], draft: "", typing: false, unread: 0, ...kept, beganMs });
    touch();
    return id;
  }
  if (options.name !== undefined) begin(options.name);

  function summary(talk: Talk): ConversationSummary {
    const last = talk.messages.findLast(({ body, hidden }) => isSaid(body) && !hidden);
    return {
      id: talk.id,
      kind: talk.group ? "group" : talk.person ? "direct" : "self",
      title: talk.group?.name ?? talk.person?.name ?? "",
      contact: talk.person?.account,
      standing: talk.person?.standing,
      presence: talk.person?.presence ?? { kind: "unknown" },
      unread: talk.unread,
      draft: talk.draft,
      emoji: talk.group?.emoji ?? "",
      last: last && {
        text: last.body.kind === "text" ? last.body.text : "",
        mine: last.mine,
        atMs: last.sentAtMs,
        from: talk.group && !last.mine ? groups.called(last.author) : undefined,
        mark: last.mark,
        reached: last.reached,
      },
      muted: talk.group?.muted ?? false,
      activeAtMs: (talk.group ? talk.messages.at(-1) : last)?.sentAtMs ?? talk.beganMs,
    };
  }

  const safetyNumber = (account: AccountId) =>
    [...account]
      .map((digit) => (Number.parseInt(digit, 16) * 7) % 10)
      .join("")
      .slice(0, 60);
  const contact = (person: Person): ContactView => ({ ...person, safetyNumber: safetyNumber(person.account) });

  function whole(talk: Talk): ConversationView {
    const others = talk.messages.filter((message) => !message.mine && isSaid(message.body));
    const { nodes, healingSinceMs, missing } = talk;
    return {
      ...summary(talk),
      person: talk.person && contact(talk.person),
      group: talk.group && groups.view(talk.group),
      firstUnread: talk.unread > 0 ? others.at(-talk.unread)?.id : undefined,
      typing: talk.typing,
      nodes,
      healingSinceMs,
      missing,
    };
  }

  function add(talk: Talk, mine: boolean, text: string, mark: MessageMark | undefined, atMs: number): MessageId {
    return append(talk, mine ? me : (talk.person?.account ?? me), { kind: "text", text }, mark, atMs);
  }
  function append(
    talk: Talk,
    author: AccountId,
    body: MessageView["body"],
    mark: MessageMark | undefined,
    atMs: number,
  ): MessageId {
    const id = `${hex(16)}/${hex(8)}` as MessageId;
    const mine = author === me;
    const of = talk.group && mine && body.kind === "text" ? groups.others(talk.group).length : 0;
    const seen = {
      hidden: isSaid(body) && groups.isHidden(author),
      sharedBy: undefined,
      reached: of > 0 ? { delivered: 0, read: 0, of } : undefined,
    };
    const message = { id, order: String(serial), mine, author, sentAtMs: atMs, body, mark, ...seen };
    talk.messages = [...talk.messages, message].sort((a, b) => (talk.group ? a.sentAtMs - b.sentAtMs : 0));
    if (!mine && isSaid(body) && !seen.hidden) talk.unread++;
    if (mine && isSaid(body) && talk.group) talk.group.saidAtMs = atMs;
    touch();
    return id;
  }

  const find = (id: ConversationId): Talk => {
    const talk = talks.get(id);
    if (!talk) throw new Error("no such pretend conversation");
    return talk;
  };

  const groups = pretendGroups({
    me,
    nowMs,
    hex,
    touch,
    view,
    safetyNumber,
    get calls() {
      return pretend.calls;
    },
    fault: () => pretend.faults.write,
    myName: () => (profile.value.kind === "person" ? profile.value.name : ""),
    contacts: () => [...talks.values()].flatMap(({ person }) => (person?.standing === "connected" ? [person] : [])),
    talk: (id) => talks.get(id),
    talks: () => talks.values(),
    begin: (group, atMs) => addTalk(undefined, atMs, group),
    forget(id) {
      talks.delete(id);
      touch();
    },
    append: (id, author, body, atMs) => append(find(id), author, body, undefined, atMs),
  });

  const pretend: Pretend = {
    groups: groups.control,
    faults: {},
    calls: [],
    onSent: undefined,
    onProbe: undefined,
    preview: { account: "c4".repeat(32) as AccountId, name: "Ana", expiresAtMs: nowMs() + 6 * 86_400_000, node },
    addPerson(name, given = {}) {
      const account = hex(32) as AccountId;
      const person: Person = {
        account,
        name,
        standing: "connected",
        verified: false,
        presence: { kind: "unknown" },
        path: "node",
        relayOnly: false,
        keepsFor: false,
        keeper: false,
        devices: 1,
        sinceMs: nowMs(),
        ...given,
      };
      return addTalk(person, person.sinceMs);
    },
    selfId() {
      for (const talk of talks.values()) if (!talk.person && !talk.group) return talk.id;
      throw new Error("nobody lives here yet");
    },
    receive: (id, text, atMs = nowMs()) => add(find(id), false, text, undefined, atMs),
    say: (id, text, mark = { kind: "saved" }, atMs = nowMs()) =>
      add(find(id), true, text, find(id).person || find(id).group ? mark : undefined, atMs),
    mark(id, message, mark) {
      const talk = find(id);
      talk.messages = talk.messages.map((each) => (each.id === message ? { ...each, mark } : each));
      touch();
    },
    change(id, change) {
      Object.assign(find(id).person ?? {}, change);
      touch();
    },
    typing(id, typing) {
      find(id).typing = typing;
      touch();
    },
    state(id, next) {
      Object.assign(find(id), next);
      touch();
    },
    notice(id, atMs = nowMs()) {
      const talk = find(id);
      const message = {
        id: hex(24) as MessageId,
        order: String(serial),
        mine: true,
        author: me,
        sentAtMs: atMs,
        body: { kind: "notice", notice: "keys-renewed" },
        hidden: false,
        sharedBy: undefined,
        mark: undefined,
        reached: undefined,
      } as const;
      talk.messages = [...talk.messages, message];
      touch();
      return message.id;
    },
    facts(message, facts) {
      otherFacts.set(message, facts);
      touch();
    },
    diagnosis(id, next) {
      found.set(id, { ...found.get(id), ...next });
      touch();
    },
    nodes: (views) => nodes.set(views),
    invite: (next) => invites.set(invites.value.map((invite, at) => (at === 0 ? { ...invite, ...next } : invite))),
    network: (next) => network.set(next),
    direct: (next) => direct.set(next),
    storage: (next) => storage.set(next),
    messenger: {
      groups: groups.messenger,
      profile,
      network,
      direct,
      storage,
      nodes,
      invites,
      conversations: view(() => [...talks.values()].map(summary).sort((a, b) => b.activeAtMs - a.activeAtMs)),
      conversation: (id) =>
        view(() => {
          const talk = talks.get(id);
          return talk && whole(talk);
        }),
      timeline: (id, limit) =>
        view(() => {
          const messages = talks.get(id)?.messages ?? [];
          return { messages: messages.slice(-limit), more: messages.length > limit };
        }),
      messageInfo: (id) =>
        view(() => {
          for (const talk of talks.values()) {
            const message = talk.messages.find((each) => each.id === id);
            if (!message?.mine || !isSaid(message.body)) continue;
            const facts = factsOf(message, talk.person && contact(talk.person), node);
            const recipients = talk.group ? groups.recipients(talk.group, message) : facts.recipients;
            return { ...facts, recipients, ...otherFacts.get(id) };
          }
          return undefined;
        }),
      diagnosis: (id) =>
        view(() => {
          const talk = talks.get(id);
          if (!talk?.person) return undefined;
          const { healingSinceMs, missing } = talk;
          const well = healthyDiagnosis(contact(talk.person), nodes.value, nowMs());
          return { ...well, healingSinceMs, missing, ...found.get(id) };
        }),
      probe(id) {
        pretend.calls.push("probe");
        pretend.onProbe?.(id);
      },
      async storageUse() {
        const conversations = [...talks.values()]
          .map((talk) => {
            const texts = talk.messages.map(({ body }) => (body.kind === "text" ? body.text.length : 0));
            const bytes = texts.reduce((sum, length) => sum + length + 400, 0);
            const { id, kind, title } = summary(talk);
            return { id, kind, title, messages: talk.messages.length, bytes };
          })
          .sort((a, b) => b.bytes - a.bytes);
        const sum = (of: "messages" | "bytes") => conversations.reduce((all, one) => all + one[of], 0);
        return {
          parts: [
            { part: "messages", count: sum("messages"), bytes: sum("bytes") },
            { part: "keys", count: talks.size, bytes: talks.size * 9_000 },
            { part: "receipts", count: sum("messages"), bytes: sum("messages") * 120 },
            { part: "people", count: talks.size * 2, bytes: talks.size * 900 },
            { part: "invites", count: invites.value.length, bytes: invites.value.length * 6_000 },
            { part: "waiting", count: 0, bytes: 0 },
          ],
          conversations,
        };
      },
      async start({ name }) {
        pretend.calls.push("start");
        if (pretend.faults.write) return err(pretend.faults.write);
        if (name.trim() === "") return err("empty");
        if (name.length > 60) return err("too-long");
        if (profile.value.kind === "person") return err("already-started");
        begin(name.trim());
        return ok(undefined);
      },
      async rename(name) {
        pretend.calls.push("rename");
        if (name.trim() === "") return err("empty");
        changeProfile({ name: name.trim() });
        return ok(undefined);
      },
      phrase: async () => "harbor maple quiet lantern river stone amber violin meadow copper sail winter",
      async createInvite() {
        pretend.calls.push("createInvite");
        if (pretend.faults.write) return err(pretend.faults.write);
        const invite: InviteView = {
          id: hex(16) as InviteId,
          link: `${location.origin}/#/i/AQ${"q7Xw2bN0kLs9-Zt4".repeat(8)}${serial}`,
          createdAtMs: nowMs(),
          expiresAtMs: nowMs() + 7 * 86_400_000,
          state: "ready",
          usedBy: undefined,
        };
        invites.set([invite, ...invites.value]);
        return ok(invite);
      },
      async withdrawInvite(id) {
        pretend.calls.push("withdrawInvite");
        if (pretend.faults.write) return err(pretend.faults.write);
        invites.set(invites.value.filter((invite) => invite.id !== id));
        return ok(undefined);
      },
      async previewInvite() {
        return pretend.faults.preview ? err(pretend.faults.preview) : ok(pretend.preview);
      },
      async acceptInvite() {
        pretend.calls.push("acceptInvite");
        if (pretend.faults.accept) return err(pretend.faults.accept);
        return ok(pretend.addPerson(pretend.preview.name, { standing: "invited" }));
      },
      async answerRequest(id, answer) {
        pretend.calls.push(`answerRequest ${answer}`);
        if (pretend.faults.write) return err(pretend.faults.write);
        if (answer === "delete") talks.delete(id);
        else pretend.change(id, { standing: answer === "accept" ? "connected" : "blocked" });
        touch();
        return ok(undefined);
      },
      async setNodes(next) {
        pretend.calls.push(`setNodes ${next.join(" ")}`);
        if (pretend.faults.nodes) return err(pretend.faults.nodes);
        if (next.length < 1 || next.length > 3 || new Set(next).size < next.length) return err("nodes");
        changeProfile({ nodes: next });
        nodes.set(
          next.map((each) => nodes.value.find((view) => view.node === each) ?? healthyNode(each, true, nowMs())),
        );
        return ok(undefined);
      },
      async moveConversation(id, next) {
        pretend.calls.push(`moveConversation ${next.join(" ")}`);
        if (pretend.faults.nodes) return err(pretend.faults.nodes);
        pretend.state(id, { nodes: next });
        return ok(undefined);
      },
      async setReceipts(receipts) {
        pretend.calls.push(`setReceipts ${receipts}`);
        if (pretend.faults.write) return err(pretend.faults.write);
        changeProfile({ receipts });
        return ok(undefined);
      },
      async setRelayOnly(relayOnly) {
        pretend.calls.push(`setRelayOnly ${relayOnly}`);
        if (pretend.faults.write) return err(pretend.faults.write);
        changeProfile({ relayOnly });
        return ok(undefined);
      },
      async setContactRelayOnly(account, relayOnly) {
        pretend.calls.push(`setContactRelayOnly ${relayOnly}`);
        if (pretend.faults.write) return err(pretend.faults.write);
        for (const talk of talks.values()) if (talk.person?.account === account) talk.person.relayOnly = relayOnly;
        touch();
        return ok(undefined);
      },
      async setKeepsFor(account, on) {
        pretend.calls.push(`setKeepsFor ${on}`);
        if (pretend.faults.write) return err(pretend.faults.write);
        for (const talk of talks.values()) if (talk.person?.account === account) talk.person.keepsFor = on;
        touch();
        return ok(undefined);
      },
      async sendAgain(id) {
        pretend.calls.push("sendAgain");
        if (pretend.faults.again) return err(pretend.faults.again);
        for (const talk of talks.values())
          if (talk.messages.some((each) => each.id === id)) pretend.mark(talk.id, id, { kind: "saved" });
        return ok(undefined);
      },
      async sendText(id, text) {
        pretend.calls.push(`sendText ${text}`);
        if (pretend.faults.send) return err(pretend.faults.send);
        if (text.trim() === "") return err("empty");
        const talk = find(id);
        talk.draft = "";
        const message = pretend.say(id, text);
        pretend.onSent?.(id, message, text);
        return ok(message);
      },
      async saveDraft(id, text) {
        pretend.calls.push(`saveDraft ${text}`);
        const talk = talks.get(id);
        if (talk) talk.draft = text;
        touch();
        return ok(undefined);
      },
      async markRead(id) {
        pretend.calls.push("markRead");
        const talk = talks.get(id);
        if (talk && talk.unread > 0) {
          talk.unread = 0;
          touch();
        }
        return ok(undefined);
      },
      async setVerified(account, verified) {
        for (const talk of talks.values()) if (talk.person?.account === account) talk.person.verified = verified;
        groups.verify(account, verified);
        touch();
        return ok(undefined);
      },
      setTyping: (_id, typing) => void pretend.calls.push(`setTyping ${typing}`),
      hurry: () => void pretend.calls.push("hurry"),
      async stop() {
        pretend.calls.push("stop");
      },
    },
  };
  return pretend;
}

/** Words of a person, not of the device or the group. */
const isSaid = (body: MessageView["body"]): boolean => body.kind === "text" || body.kind === "unknown";
