// What migration 3 makes of each row of schema 2. That a database really comes out so is storage-migrations.test.ts.
import { describe, expect, it } from "vitest";
import { groups } from "../../core/storage/migrations/0003-groups.ts";

const uncut = (byte: number) => ({ live: Uint8Array.of(byte), trees: new Map() });

describe("migration 3", () => {
  it("gives nobody a name of this person's own", () => {
    expect(groups["contacts"]?.({ key: "b2", name: "Bob" })).toStrictEqual({ key: "b2", name: "Bob", knownAs: "" });
  });

  it("makes no conversation a group, and mutes none", () => {
    expect(groups["conversations"]?.({ key: "aa", kind: "direct" })).toStrictEqual({
      key: "aa",
      kind: "direct",
      group: undefined,
      muted: false,
      newcomers: [],
      shared: undefined,
    });
  });

  it("keeps a commit that waits for its slot, which is none of a group", () => {
    const pending = { state: Uint8Array.of(1), envelope: Uint8Array.of(2), slot: Uint8Array.of(3) };
    expect(groups["groups"]?.({ key: "aa", state: Uint8Array.of(4), epoch: 4, pending })).toStrictEqual({
      key: "aa",
      state: uncut(4),
      epoch: 4,
      joinedEpoch: 0,
      pending: { ...pending, state: uncut(1), parts: [], commit: undefined, change: undefined, welcome: undefined },
    });
    expect(groups["groups"]?.({ key: "aa", state: Uint8Array.of(4), pending: undefined })).toStrictEqual({
      key: "aa",
      state: uncut(4),
      joinedEpoch: 0,
      pending: undefined,
    });
  });

  it("changes no table but these", () => {
    expect(Object.keys(groups).sort()).toEqual(["contacts", "conversations", "groups"]);
  });
});
