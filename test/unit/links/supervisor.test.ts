import { expect, test } from "vitest";
import { done, err, type Result } from "../../../core/lang/result.ts";
import type { Relay } from "../../../core/network/link-address.ts";
import { createSupervisor, type RelayDoor } from "../../../core/network/supervisor.ts";
import { manualClock } from "../../support/links.ts";

const relay: Relay = { peer: "relay", address: "/ip4/127.0.0.1/tcp/1/ws/p2p/relay" };
const other: Relay = { peer: "other", address: "/ip4/127.0.0.1/tcp/2/ws/p2p/other" };

/** A supervisor over a door that answers as the test says, with jitter in the middle. */
function supervised() {
  const clock = manualClock();
  const state = {
    outcome: done as Result<void, "full" | "away">,
    silent: false,
    answers: true,
    during: () => {},
    tries: [] as number[],
    stood: 0,
    left: [] as string[],
  };
  const hang = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  const door: RelayDoor = {
    async reserve(_relay, signal) {
      state.tries.push(clock.now());
      if (state.silent) {
        await hang(signal);
        return err("away");
      }
      await Promise.resolve();
      state.during();
      if (state.outcome.ok) state.stood += 1;
      return state.outcome;
    },
    async answers() {
      return state.answers;
    },
    async leave({ peer }) {
      state.left.push(peer);
      supervisor.lost(peer); // as libp2p reports it, while the connection is being closed
    },
  };
  const supervisor = createSupervisor(clock, () => 0.5, door);
  const status = () => {
    let seen: readonly string[] = [];
    supervisor.relays.subscribe((relays) => {
      seen = [...relays.values()];
    })();
    return seen;
  };
  return { clock, state, supervisor, status };
}

/** Lets everything that is due now happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

async function pass(clock: { advance(ms: number): void }, ms: number): Promise<void> {
  await settle();
  for (let left = ms; left > 0; left -= 125) {
    clock.advance(Math.min(125, left));
    await settle();
  }
}

test("reserves at once and then leaves the relay in peace", async () => {
  const { clock, state, supervisor, status } = supervised();
  supervisor.watch([relay]);
  await pass(clock, 60_000);
  expect(status()).toEqual(["reserved"]);
  expect(state.tries).toEqual([0]);
});

test("tries for ever, ever slower, up to half a minute", async () => {
  const { clock, state, supervisor, status } = supervised();
  state.outcome = err("away");
  supervisor.watch([relay]);
  await pass(clock, 300_000);
  expect(status()).toEqual(["away"]);
  const pauses = state.tries.slice(1).map((at, index) => at - (state.tries[index] ?? 0));
  expect(pauses.slice(0, 3)).toEqual([2_250, 4_250, 8_250]);
  expect(Math.max(...pauses)).toBe(15_250);
  state.outcome = done;
  await pass(clock, 30_000);
  expect(status()).toEqual(["reserved"]);
});

test("asks a full relay seldom", async () => {
  const { clock, state, supervisor, status } = supervised();
  state.outcome = err("full");
  supervisor.watch([relay]);
  await pass(clock, 100_000);
  expect(status()).toEqual(["full"]);
  expect(state.tries).toEqual([0, 45_000, 90_000]);
});

test("says at once that a reservation was lost, and makes it again", async () => {
  const { clock, state, supervisor, status } = supervised();
  supervisor.watch([relay]);
  await settle();
  supervisor.lost("relay");
  expect(status()).toEqual(["away"]);
  await pass(clock, 20_000);
  expect(status()).toEqual(["reserved"]);
  expect(state.tries).toEqual([0, 10_250]);
});

test("gives up a try that hangs", async () => {
  const { clock, state, supervisor, status } = supervised();
  state.silent = true;
  supervisor.watch([relay]);
  await pass(clock, 8_000);
  expect(status()).toEqual(["away"]);
});

test("tries again when the reservation is lost while it is being made", async () => {
  const { clock, state, supervisor, status } = supervised();
  state.during = () => supervisor.lost("relay");
  supervisor.watch([relay]);
  await settle();
  expect(status()).toEqual(["away"]);
  state.during = () => {};
  await pass(clock, 4_000);
  expect(status()).toEqual(["reserved"]);
});

test("does not besiege a relay that reserves but answers no question", async () => {
  const { clock, state, supervisor } = supervised();
  supervisor.watch([relay]);
  state.answers = false;
  await pass(clock, 600_000);
  expect(state.tries.length).toBe(7);
});

test("hurries a retry that waits", async () => {
  const { state, supervisor, status } = supervised();
  state.outcome = err("full");
  supervisor.watch([relay]);
  await settle();
  state.outcome = done;
  supervisor.hurry();
  await settle();
  expect(status()).toEqual(["reserved"]);
});

test.each(["hurry", "time"])("leaves a relay that no longer answers and reserves anew, found by %s", async (by) => {
  const { clock, state, supervisor, status } = supervised();
  supervisor.watch([relay]);
  await settle();
  state.answers = false;
  if (by === "hurry") supervisor.hurry();
  await pass(clock, by === "hurry" ? 125 : 120_000);
  expect(state.left.length).toBeGreaterThan(0);
  expect(state.tries.length).toBeGreaterThan(1);
  expect(status()).toEqual(["reserved"]);
});

test("leaves the relays that are no longer wanted and does not disturb the others", async () => {
  const { state, supervisor, status } = supervised();
  supervisor.watch([relay, other]);
  await settle();
  supervisor.watch([other]);
  await settle();
  expect(state.left).toEqual(["relay"]);
  expect(state.tries.length).toBe(2);
  expect(status()).toEqual(["reserved"]);
});

test("leaves no timer when stopped, even while a try is under way and a loss is reported", async () => {
  const { clock, state, supervisor } = supervised();
  supervisor.watch([relay]);
  await settle();
  state.silent = true;
  supervisor.watch([relay, other]);
  await settle();
  supervisor.stop();
  await settle();
  expect(clock.pending).toBe(0);
  expect(state.left.sort()).toEqual(["other", "relay"]);
});

test("a relay lost and found every ten seconds is asked at most 3 times a minute, even when each time somebody hurries", async () => {
  const { clock, state, supervisor } = supervised();
  supervisor.watch([relay]);
  for (let flap = 0; flap < 30; flap++) {
    state.outcome = done;
    supervisor.hurry();
    await pass(clock, 5_000);
    state.outcome = err("away");
    supervisor.lost("relay");
    await pass(clock, 5_000);
  }
  const stood = state.stood - 1;
  expect(stood).toBeGreaterThan(5);
  expect(stood).toBeLessThanOrEqual(5 * 3);
});

test("reserves within 22 seconds after the last flap", async () => {
  const { clock, state, supervisor, status } = supervised();
  supervisor.watch([relay]);
  for (let flap = 0; flap < 10; flap++) {
    await pass(clock, 500);
    supervisor.lost("relay");
    supervisor.hurry();
  }
  expect(status()).toEqual(["away"]);
  await pass(clock, 22_000);
  expect(status()).toEqual(["reserved"]);
  expect(state.tries.length).toBeLessThan(6);
});
