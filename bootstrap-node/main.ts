/** The node as a program: reads how it is meant, starts, says one line, and ends in order when asked to. */
import { readConfig } from "./config.ts";
import { startNode } from "./node.ts";

/** How the sysexits of other servers read: the invocation was wrong, or the machine was. */
const wrongInvocation = 2;
const cannotRun = 1;
/** What is under way then has had its time; a process that does not end is killed by force, without the rest. */
const longestEndMs = 10_000;

const reading = readConfig(process.argv.slice(2), process.env);
if (!reading.ok) {
  for (const problem of reading.error) console.error(problem);
  process.exit(wrongInvocation);
}
if (reading.value.kind === "help") {
  console.log(reading.value.text);
  process.exit(0);
}

const node = await startNode(reading.value.config, () => {
  console.error("The storage of the node has failed; it ends, so that it can be started again.");
  process.exit(cannotRun);
});
if (!node.ok) {
  console.error(node.error);
  process.exit(cannotRun);
}
console.log(`Kith is running at ${node.value.url}`);

let isEnding = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    // Asked twice, somebody is waiting.
    if (isEnding) process.exit(cannotRun);
    isEnding = true;
    setTimeout(() => process.exit(cannotRun), longestEndMs).unref();
    void node.value.close().then(() => process.exit(0));
  });
}
