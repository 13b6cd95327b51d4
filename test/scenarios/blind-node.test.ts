import { expect } from "vitest";
import { idBytes, utf8 } from "../../core/lang/bytes.ts";
import type { ProfileRecord } from "../../core/ports/people-records.ts";
import { must, rowsOn } from "../support/sim-world.ts";
import { story, wiretap } from "../support/story.ts";

const memory = { storage: "memory" } as const;

story(
  "invariant 11: no node receives a name, an account key, a device, or a text",
  async (world) => {
    const leaving = wiretap(world);
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    must(await world.run(alice.messenger.sendText(id, "a very recognisable sentence")));
    bob.messenger.setTyping(id, true);
    world.apart.add("alice bob");
    must(await world.run(bob.messenger.sendText(id, "a very recognisable sentence")));
    await world.advance(60_000);
    const atNode = leaving.filter(({ by }) => by !== "link");
    expect(atNode.filter(({ by }) => by === "append").length).toBeGreaterThan(3);
    expect(atNode.filter(({ by }) => by === "signal").length).toBeGreaterThan(4);
    const secrets: Uint8Array[] = [utf8("Alice"), utf8("Bob"), utf8("recognisable"), utf8("peer")];
    for (const name of ["alice", "bob"]) {
      const [profile] = rowsOn<ProfileRecord>(world.disk(name), "profile");
      secrets.push(idBytes(profile!.account), idBytes(profile!.device), utf8(profile!.account), idBytes(id));
    }
    for (const { bytes, topic, by } of atNode) {
      const seen = Buffer.concat([bytes, idBytes(topic!)]);
      for (const secret of secrets) expect(seen.includes(Buffer.from(secret))).toBe(false);
      expect(by === "append" ? [1_024, 4_096, 16_384, 65_536] : [560]).toContain(bytes.length);
    }
  },
  memory,
);
