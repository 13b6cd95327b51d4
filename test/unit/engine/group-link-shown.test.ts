// Which bundle in a link's topic is believed (PROTOCOL.md §13.9): it is the maker's, and the newest.
import { expect, test } from "vitest";
import { sha256 } from "../../../core/crypto/hash.ts";
import { shownIn } from "../../../core/engine/group-link-shown.ts";
import { encodeDeviceList, signDeviceList } from "../../../core/wire/device-list.ts";
import { encodeLinkShown, signLinkShown } from "../../../core/wire/link-shown.ts";
import {
  account,
  accountSeed,
  bob,
  countUp,
  deviceLists,
  hash,
  keys,
  laptop,
  linksShown,
  signed,
} from "../wire/samples.ts";

const { topic } = keys;
const laptopSeed = countUp(0x21, 32);
const { first } = deviceLists;
const listBytes = encodeDeviceList(first);
/** The laptop was stolen: the next list revokes it. */
const without = {
  ...first,
  sequence: first.sequence + 1,
  previousHash: sha256(listBytes),
  devices: [{ device: "ab".repeat(16) as typeof laptop, signatureKey: countUp(0x66, 32), addedAtMs: 1 }],
  revoked: [laptop],
};
const [list, newer] = [signed(first), signDeviceList(encodeDeviceList(without), accountSeed)];

function bundleAt(madeAtMs: number, seed = laptopSeed, at = topic) {
  const shown = encodeLinkShown({ ...linksShown.one, madeAtMs });
  return { deviceList: list, device: laptop, shown, signature: signLinkShown(at, shown, seed) };
}
const rowAt = (madeAtMs: number, deviceList = list) => ({ deviceList, device: laptop, madeAtMs, answerers: [] });

test("one that a device of the maker signed for this link is believed", () => {
  expect(shownIn(topic, account, bundleAt(5), undefined, undefined)?.shown).toEqual({ ...linksShown.one, madeAtMs: 5 });
});

test("one of somebody else, for another link, or that another key signed is not", () => {
  expect(shownIn(topic, bob, bundleAt(5), undefined, undefined)).toBeUndefined();
  expect(shownIn(topic, account, bundleAt(5, countUp(9, 32)), undefined, undefined)).toBeUndefined();
  const elsewhere = bundleAt(5, laptopSeed, hash(7) as string as typeof topic);
  expect(shownIn(topic, account, elsewhere, undefined, undefined)).toBeUndefined();
});

test("the newer one counts, in whichever order they are read", () => {
  expect(shownIn(topic, account, bundleAt(6), undefined, rowAt(5))?.row).toMatchObject({ madeAtMs: 6 });
  expect(shownIn(topic, account, bundleAt(5), undefined, rowAt(5))).toBeUndefined();
  expect(shownIn(topic, account, bundleAt(4), undefined, rowAt(5))).toBeUndefined();
});

test("of a device that is known to be revoked none is believed, however new it says it is", () => {
  expect(shownIn(topic, account, bundleAt(9), newer, undefined)).toBeUndefined();
  expect(shownIn(topic, account, bundleAt(9), undefined, rowAt(5, newer))).toBeUndefined();
});
