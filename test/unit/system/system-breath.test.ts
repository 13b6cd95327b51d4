import { expect, it } from "vitest";
import { systemBreath } from "../../../core/system/system-breath.ts";

function workFor(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

it("lets what waits have its turn once work has gone on for longer than a frame, and not before the next such time", async () => {
  const breath = systemBreath();
  const heard: string[] = [];
  workFor(15);
  setImmediate(() => heard.push("somebody else"));
  await breath();
  heard.push("the work again");
  expect(breath()).toBeUndefined();
  expect(heard).toEqual(["somebody else", "the work again"]);
});

it("ends every breath that is asked for while another is drawn", async () => {
  const breath = systemBreath();
  workFor(15);
  await expect(Promise.all([breath(), breath()])).resolves.toHaveLength(2);
});
