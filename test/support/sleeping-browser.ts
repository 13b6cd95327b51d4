/** Lets a whole browser sleep as a closed laptop does: all its processes stop, and the time passes without them. Linux. */
import { readdirSync, readFileSync } from "node:fs";

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): readonly Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // The second field is a name in brackets that can hold anything.
        const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, "utf8") }];
      } catch {
        return []; // it has just ended
      }
    });
}

/** Stops the browser that was started with this flag and everything it started. The returned function wakes it. */
export function putToSleep(flag: string): () => void {
  const all = processes();
  const stopped = new Set(all.filter(({ command }) => command.split("\0").includes(flag)).map(({ pid }) => pid));
  for (let found = -1; found !== stopped.size; ) {
    found = stopped.size;
    for (const { pid, parent } of all) if (stopped.has(parent)) stopped.add(pid);
  }
  if (stopped.size === 0) throw new Error("there is no such browser");
  for (const pid of stopped) process.kill(pid, "SIGSTOP");
  return () => {
    for (const pid of stopped) process.kill(pid, "SIGCONT");
  };
}
