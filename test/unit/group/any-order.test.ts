// Changes by anybody in any order, as no story would tell them: trees with holes, leaves taken again, halves that empty.
import { expect, it } from "vitest";
import { type GroupState, viewGroup } from "../../../core/group/state.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { type Crowd, crowd, facts, follow, groupContext, leafOf } from "./party.ts";

const letters = [..."0123456789abcdef"];

async function expectTogether(group: Crowd, what: string): Promise<void> {
  const views = await Promise.all([...group.values()].map((state: GroupState) => viewGroup(state)));
  for (const { epochSecret, members } of views) {
    expect(epochSecret, what).toEqual(views[0]!.epochSecret);
    expect(members.length, what).toBe(group.size);
  }
}

it.each([1, 2, 3])(
  "keeps all members in one epoch through twenty changes (seed %i)",
  async (seed) => {
    const { int, chance } = seededRandom(seed);
    const some = (from: readonly string[], most: number) => {
      const left = [...from];
      return Array.from({ length: Math.min(most, left.length) }, () => left.splice(int(left.length), 1)[0]!);
    };
    let group = await crowd("01234");
    for (let step = 0; step < 20; step++) {
      const present = [...group.keys()];
      const [by] = some(present, 1);
      const others = present.filter((letter) => letter !== by);
      const state = group.get(by!)!;
      const renamed = { context: { ...groupContext, facts: { ...facts, name: `Step ${step}` } } };
      const kind = int(4);
      const what = `step ${step}, kind ${kind}, by ${by} of ${present.join("")}`;
      if (kind === 0) {
        const free = letters.filter((letter) => !group.has(letter));
        group = await follow(group, by!, chance(0.5) ? {} : renamed, some(free, 1 + int(3)).join(""));
      } else if (kind === 1) {
        const gone = some(others, 1 + int(3));
        const removeLeaves = await Promise.all(gone.map((letter) => leafOf(state, letter)));
        group = await follow(group, by!, { removeLeaves, ...renamed });
      } else if (kind === 2 && others.length > 0) {
        const [healed] = some(others, 1);
        group = await follow(group, by!, { removeLeaves: [await leafOf(state, healed!)] }, healed!);
      } else group = await follow(group, by!, chance(0.5) ? {} : renamed);
      await expectTogether(group, what);
    }
  },
  60_000,
);
