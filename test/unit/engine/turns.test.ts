import { expect, it } from "vitest";
import { createTurns, inTurns } from "../../../core/engine/turns.ts";

/** A task that notes when it begins, ends when told to, and notes that. */
function createTask(name: string, notes: string[]) {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    end,
    run: async () => {
      notes.push(`${name} begins`);
      await ended;
      notes.push(`${name} ends`);
      return name;
    },
  };
}

const rest = () => new Promise<void>((resolve) => setImmediate(resolve));

it("gives turns of one key one after another, and of different keys at once", async () => {
  const turns = createTurns();
  const notes: string[] = [];
  const [first, second, other] = ["first", "second", "other"].map((name) => createTask(name, notes));
  const answers = Promise.all([turns("a", first!.run), turns("a", second!.run), turns("b", other!.run)]);
  await rest();
  expect(notes).toEqual(["first begins", "other begins"]);
  first!.end();
  await rest();
  expect(notes).toEqual(["first begins", "other begins", "first ends", "second begins"]);
  second!.end();
  other!.end();
  expect(await answers).toEqual(["first", "second", "other"]);
});

it("goes on after a task that failed, whose caller alone hears of it", async () => {
  const turns = createTurns();
  const failing = turns("a", () => Promise.reject(new Error("broken")));
  const next = turns("a", async () => "fine");
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("fine");
});

it("holds the turns of several keys together, whatever order they are named in", async () => {
  const turns = createTurns();
  const notes: string[] = [];
  const [both, again, single] = ["both", "again", "single"].map((name) => createTask(name, notes));
  const answers = Promise.all([
    inTurns(turns, ["b", "a"], both!.run),
    inTurns(turns, ["a", "b"], again!.run),
    turns("b", single!.run),
  ]);
  for (const task of [single!, both!, again!]) task.end();
  expect(await answers).toEqual(["both", "again", "single"]);
  // `both` and `again` never overlap, and `single` is never inside of either.
  for (let at = 0; at < notes.length; at += 2) {
    expect(notes[at + 1]).toBe(notes[at]?.replace("begins", "ends"));
  }
});
