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
  DirectView,
  InviteFault,
  InviteId,
  InvitePreview,
  InviteView,
  MessageId,
  MessageMark,
  MessageView,
  Messenger,
  NetworkView,
  NodeUrl,
  PathView,
  PresenceView,
  ProfileView,
  SendFault,
  WriteFaultView,
} from "@kith/core";
import { type Live, type LiveCell, liveCell } from "@kith/core/lang/live.ts";
import { err, ok } from "@kith/core/lang/result.ts";

const node = "https://node.example" as NodeUrl;
const me = "aa".repeat(32) as AccountId;

interface Person {
  readonly account: AccountId;
  name: string;
  standing: ContactStanding;
  verified: boolean;
  presence: PresenceView;
  path: PathView;
  sinceMs: number;
}

interface Talk {
  readonly id: ConversationId;
  readonly person: Person | undefined;
  messages: MessageView[];
  draft: string;
  typing: boolean;
  /** How many of the newest messages of the other side were not read. */
  unread: number;
  readonly beganMs: number;
}

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
  network(view: NetworkView): void;
  direct(view: DirectView): void;
  /** Called after each own message, for a world that answers. */
  onSent: ((id: ConversationId, message: MessageId, text: string) => void) | undefined;
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
  const invites = liveCell<readonly InviteView[]>([]);

  const view = <T>(read: () => T): Live<T> => ({ subscribe: (listener) => changed.subscribe(() => listener(read())) });

  function begin(name: string) {
    profile.set({ kind: "person", account: me, device: hex(16) as DeviceId, name, node });
    const id = hex(16) as ConversationId;
    talks.set(id, { id, person: undefined, messages: [], draft: "", typing: false, unread: 0, beganMs: nowMs() });
    touch();
  }
  if (options.name !== undefined) begin(options.name);

  function summary(talk: Talk): ConversationSummary {
    const last = talk.messages.at(-1);
    return {
      id: talk.id,
      kind: talk.person ? "direct" : "self",
      title: talk.person?.name ?? "",
      contact: talk.person?.account,
      standing: talk.person?.standing,
      presence: talk.person?.presence ?? { kind: "unknown" },
      unread: talk.unread,
      draft: talk.draft,
      last: last && { text: last.body.kind === "text" ? last.body.text : "", mine: last.mine, atMs: last.sentAtMs },
      activeAtMs: last?.sentAtMs ?? talk.beganMs,
    };
  }

  function contact(person: Person): ContactView {
    const digits = [...person.account]
      .map((digit) => (Number.parseInt(digit, 16) * 7) % 10)
      .join("")
      .slice(0, 60);
    return { ...person, safetyNumber: digits, devices: 1, node };
  }

  function whole(talk: Talk): ConversationView {
    const others = talk.messages.filter((message) => !message.mine);
    return {
      ...summary(talk),
      person: talk.person && contact(talk.person),
      firstUnread: talk.unread > 0 ? others.at(-talk.unread)?.id : undefined,
      typing: talk.typing,
    };
  }

  function add(talk: Talk, mine: boolean, text: string, mark: MessageMark | undefined, atMs: number): MessageId {
    const id = `${hex(16)}/${hex(8)}` as MessageId;
    const author = mine ? me : (talk.person?.account ?? me);
    const body = { kind: "text", text } as const;
    talk.messages = [...talk.messages, { id, order: String(serial), mine, author, sentAtMs: atMs, body, mark }];
    if (!mine) talk.unread++;
    touch();
    return id;
  }

  const find = (id: ConversationId): Talk => {
    const talk = talks.get(id);
    if (!talk) throw new Error("no such pretend conversation");
    return talk;
  };

  const pretend: Pretend = {
    faults: {},
    calls: [],
    onSent: undefined,
    preview: { account: "c4".repeat(32) as AccountId, name: "Ana", expiresAtMs: nowMs() + 6 * 86_400_000, node },
    addPerson(name, given = {}) {
      const account = hex(32) as AccountId;
      const id = hex(16) as ConversationId;
      const person: Person = {
        account,
        name,
        standing: "connected",
        verified: false,
        presence: { kind: "unknown" },
        path: "node",
        sinceMs: nowMs(),
        ...given,
      };
      talks.set(id, { id, person, messages: [], draft: "", typing: false, unread: 0, beganMs: person.sinceMs });
      touch();
      return id;
    },
    selfId() {
      for (const talk of talks.values()) if (!talk.person) return talk.id;
      throw new Error("nobody lives here yet");
    },
    receive: (id, text, atMs = nowMs()) => add(find(id), false, text, undefined, atMs),
    say: (id, text, mark = { kind: "saved" }, atMs = nowMs()) =>
      add(find(id), true, text, find(id).person ? mark : undefined, atMs),
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
    network: (next) => network.set(next),
    direct: (next) => direct.set(next),
    messenger: {
      profile,
      network,
      direct,
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
        if (profile.value.kind === "person") profile.set({ ...profile.value, name: name.trim() });
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
