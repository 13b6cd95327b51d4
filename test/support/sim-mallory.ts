// The beginning of the stories with mallory: she is a contact of Alice's, as Bob is, and goes on by hand.
import { serialize } from "node:v8";
import { sha256 } from "../../core/crypto/hash.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { World } from "./sim-world.ts";

/** Mallory's own engine has stopped; Alice is reachable for links. */
export async function threesome(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const mallory = await world.person("mallory");
  const withBob = await world.befriend(alice, bob);
  const withMallory = await world.befriend(alice, mallory);
  await world.advance(5_000);
  await world.run(mallory.stop());
  await world.advance(1_000);
  return { alice, bob, withBob, withMallory };
}

/** A text with the clock of now, without a place among the messages of its device. */
export const say = (world: World, text: string) => ({
  id: toHex(world.random.bytes(8)),
  clockMs: world.clock.now(),
  clockCount: 0,
  number: 0,
  body: { kind: "text" as const, text },
});

/** Everything on a disk but how far topics were read, as a digest. */
export function photographOf(world: World, name: string): string {
  const tables = [...world.disk(name).tables].filter(([table]) => table !== "topics");
  return toHex(sha256(serialize(tables)));
}
