import { beforeEach, describe, expect, it } from "vitest";
import type { Context } from "../../../core/engine/context.ts";
import { setContactRelayOnly } from "../../../core/engine/privacy.ts";
import { setVerified } from "../../../core/engine/reading.ts";
import { answerRequest } from "../../../core/engine/request.ts";
import { createTurns } from "../../../core/engine/turns.ts";
import type { ConversationId } from "../../../core/lang/brand.ts";
import type { ConversationRecord } from "../../../core/ports/conversation-record.ts";
import type { ContactRecord } from "../../../core/ports/people-records.ts";
import { contact, conversation } from "../../contracts/storage-rows.ts";
import { type MemoryStorage, memoryStorage } from "../../support/memory-storage.ts";

// Two arise when both open each other's invites. In each of them the person may be read and written at any moment.
const first: ConversationRecord = { ...conversation(0), key: "aa" as ConversationId };
const second: ConversationRecord = { ...conversation(0), key: "bb" as ConversationId };
const alice: ContactRecord = {
  ...contact("Alice"),
  key: first.contact!,
  state: "accepted",
  verified: false,
  relayOnly: false,
};

describe("what is changed of a person with two conversations", () => {
  let storage: MemoryStorage;
  let context: Context;
  beforeEach(async () => {
    storage = memoryStorage();
    context = { storage, turns: createTurns() } as Partial<Context> as Context;
    const put = (table: "contacts" | "conversations", row: unknown) => ({ kind: "put", table, row }) as never;
    await storage.commit({
      changes: [put("contacts", alice), put("conversations", first), put("conversations", second)],
    });
  });

  for (const { what, change } of [
    { what: "relay-only", change: () => setContactRelayOnly(context, alice.key, true, () => {}) },
    { what: "verified", change: () => setVerified(context, alice.key, true) },
    { what: "blocked", change: () => answerRequest(context, first.key, "block") },
  ]) {
    it(`is not overwritten by what is read in the other one meanwhile: ${what}`, async () => {
      let changing: Promise<unknown> = Promise.resolve();
      await context.turns(second.key, async () => {
        const read = (await storage.get("contacts", alice.key))!;
        changing = change();
        // Time enough for a change that does not wait.
        await new Promise((resolve) => setTimeout(resolve, 5));
        await storage.commit({
          changes: [{ kind: "put", table: "contacts", row: { ...read, name: "Alice Liddell" } }],
        });
      });
      await changing;
      const now = (await storage.get("contacts", alice.key))!;
      expect(now.name).toBe("Alice Liddell");
      expect([now.relayOnly, now.verified, now.state === "blocked"]).toContain(true);
    });
  }
});
