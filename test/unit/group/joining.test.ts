import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDevices, createGroup, joinGroup } from "../../../core/group/create.ts";
import { readKeyPackage } from "../../../core/group/key-package.ts";
import { viewGroup } from "../../../core/group/state.ts";
import { anybody, context, credentialOf, must, packageOf, untouched } from "./party.ts";

const refused = { ok: false, error: "refused" };

async function invitation() {
  const [a, b] = [await packageOf("a"), await packageOf("b")];
  const alone = await untouched(createGroup, new Uint8Array(16), context, a, anybody);
  const added = must(await untouched(addDevices, alone, [b.publicPackage], anybody));
  return { alone, added, a, b };
}

describe("a group", () => {
  it("is the same conversation with the same members and secret for who made it and who joined", async () => {
    const { added, b } = await invitation();
    const joined = must(await untouched(joinGroup, added.welcome, b, anybody));
    const [maker, joiner] = [await viewGroup(added.next), await viewGroup(joined)];
    expect(joiner.context).toEqual(context);
    expect(joiner.epochSecret).toEqual(maker.epochSecret);
    expect(joiner.members).toEqual(maker.members);
    expect(maker.members.map(({ credential }) => credential)).toEqual(["a", "b"].map(credentialOf));
    expect([maker.own.leaf, joiner.own.leaf]).toEqual([0, 1]);
  });

  it("is as it was when somebody could not be added", async () => {
    const { alone, b } = await invitation();
    const { publicPackage } = await packageOf("c");
    const damaged = publicPackage.slice();
    damaged[damaged.length - 1]! ^= 1;
    const isNotC = ({ account }: { account: string }) => account !== credentialOf("c").account;
    expect(await untouched(addDevices, alone, [damaged], anybody)).toEqual(refused);
    expect(await untouched(addDevices, alone, [b.publicPackage, publicPackage], isNotC)).toEqual(refused);
    expect(await untouched(addDevices, alone, [new Uint8Array(9_000)], anybody)).toEqual(refused);
    expect(await untouched(addDevices, alone, [], anybody)).toEqual(refused);
  });
});

describe("a Welcome", () => {
  it("is refused by who was not invited, and when one of its leaves may not be there", async () => {
    const { added, b } = await invitation();
    expect(await untouched(joinGroup, added.welcome, await packageOf("c"), anybody)).toEqual(refused);
    for (const letter of ["a", "b"]) {
      const without = ({ account }: { account: string }) => account !== credentialOf(letter).account;
      expect(await untouched(joinGroup, added.welcome, b, without)).toEqual(refused);
    }
  });

  it("is refused when any byte of it is another, or it is no Welcome at all", async () => {
    const { added, b } = await invitation();
    expect(await untouched(joinGroup, added.commit, b, anybody)).toEqual(refused);
    expect(await untouched(joinGroup, new Uint8Array(65_537), b, anybody)).toEqual(refused);
    await fc.assert(
      fc.asyncProperty(fc.nat(added.welcome.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = added.welcome.slice();
        changed[at]! ^= change;
        expect(await untouched(joinGroup, changed, b, anybody)).toEqual(refused);
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (noise) => {
        expect(await joinGroup(noise, b, anybody)).toEqual(refused);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a key package", () => {
  it("says whose device it is, and is malformed when it is noise", async () => {
    const { publicPackage } = await packageOf("a");
    expect(must(readKeyPackage(publicPackage)).credential).toEqual(credentialOf("a"));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (noise) => {
        expect(readKeyPackage(noise)).toEqual({ ok: false, error: "malformed" });
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.nat(publicPackage.length - 1), (length) => {
        expect(readKeyPackage(publicPackage.subarray(0, length)).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
