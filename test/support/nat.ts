/**
 * Two homes apart from each other on one machine: network namespaces for alice, bob, the NAT in front of each, and a
 * public network between them on which a node can run. What a home's NAT lets through is chosen, and can be changed.
 * Needs Linux, root, iproute2 and nftables; `whyNoNats` says what is missing.
 */
import { execFile, spawnSync } from "node:child_process";
import { access, chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * How a home meets the world. `cone`: the port seen outside stays the same for every destination. `symmetric`: it is
 * another one for each. `no-udp`: nothing but TCP gets out. In all of them what comes unasked is dropped.
 */
export type NatKind = "cone" | "symmetric" | "no-udp";
export type Home = "alice" | "bob";

export interface Nats {
  /** Of the public host. */
  readonly address: string;
  /** Of the outer side of a home's NAT. */
  readonly outside: Readonly<Record<Home, string>>;
  /** A program that runs `program` with its arguments inside. */
  program(at: Home | "public", program: string): Promise<string>;
  set(home: Home, kind: NatKind): Promise<void>;
  /** Removes everything. What still runs inside loses its network. */
  end(): Promise<void>;
}

const address = "192.0.2.1";
const homes = {
  alice: { inner: "10.1.0", outer: "198.51.100" },
  bob: { inner: "10.2.0", outer: "203.0.113" },
} as const;
const names = Object.keys(homes) as Home[];

/** A sentence where such a world cannot be made here. Installs nftables where that is all that is missing. */
export async function whyNoNats(): Promise<string | undefined> {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid?.() !== 0) return "network namespaces need root";
  if (!(await has("ip"))) return "there is no program ip (iproute2)";
  const probe = `kith-${process.pid}-probe`;
  try {
    await run("ip", ["netns", "add", probe]);
  } catch {
    return "this machine does not let us make network namespaces";
  }
  try {
    if (!(await has("nft"))) await installed("nftables");
    await run("ip", ["netns", "exec", probe, "nft", "add", "table", "ip", "probe"]);
    return undefined;
  } catch {
    return "there is no nftables that works in a network namespace";
  } finally {
    await run("ip", ["netns", "del", probe]);
  }
}

/** Whether the program is there, after trying to install its Debian package. */
export async function hasProgram(program: string, debianPackage: string): Promise<boolean> {
  return (
    (await has(program)) ||
    (await installed(debianPackage).then(
      () => has(program),
      () => false,
    ))
  );
}

const has = (program: string) =>
  run("sh", ["-c", `command -v ${program}`]).then(
    () => true,
    () => false,
  );

async function installed(debianPackage: string): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", debianPackage], { env });
}

export async function makeNats(): Promise<Nats> {
  const prefix = `kith-${process.pid}`;
  const within = (place: string) => `${prefix}-${place}`;
  const places = ["public", ...names.flatMap((home) => [home, `nat-${home}`])];
  const folder = await mkdtemp(join(tmpdir(), "kith-nat-"));
  // Namespaces outlive the process: a run that is given up takes them with it.
  const removeAll = () => {
    for (const place of places) spawnSync("ip", ["netns", "del", within(place)], { stdio: "ignore" });
  };
  process.once("exit", removeAll);
  await removeLeftOvers();

  const inEach = places.map((place) => `ip netns add ${within(place)}; ip -n ${within(place)} link set lo up`);
  const wiring = names.map((home) => {
    const { inner, outer } = homes[home];
    const [own, nat, world] = [within(home), within(`nat-${home}`), within("public")];
    return `
      ip link add home netns ${own} type veth peer name inside netns ${nat}
      ip link add outside netns ${nat} type veth peer name ${home} netns ${world}
      ip -n ${own} address add ${inner}.2/24 dev home
      ip -n ${nat} address add ${inner}.1/24 dev inside
      ip -n ${nat} address add ${outer}.2/24 dev outside
      ip -n ${world} address add ${outer}.1/24 dev ${home}
      ip -n ${own} link set home up; ip -n ${world} link set ${home} up
      ip -n ${nat} link set inside up; ip -n ${nat} link set outside up
      ip -n ${own} route add default via ${inner}.1
      ip -n ${nat} route add default via ${outer}.1
      ip netns exec ${nat} sysctl -qw net.ipv4.ip_forward=1
      ip netns exec ${world} sysctl -qw net.ipv4.ip_forward=1`;
  });
  const world = `ip -n ${within("public")} address add ${address}/32 dev lo`;

  const nats: Nats = {
    address,
    outside: { alice: `${homes.alice.outer}.2`, bob: `${homes.bob.outer}.2` },
    async program(at, program) {
      const file = join(folder, `${at}-${Math.random().toString(36).slice(2)}`);
      await writeFile(file, `#!/bin/sh\nexec ip netns exec ${within(at)} ${program} "$@"\n`);
      await chmod(file, 0o755);
      return file;
    },
    async set(home, kind) {
      await run("sh", ["-ec", `ip netns exec ${within(`nat-${home}`)} nft '${rulesOf(kind)}'`]);
    },
    async end() {
      process.off("exit", removeAll);
      removeAll();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await run("sh", ["-ec", [...inEach, ...wiring, world].join("\n")]);
    for (const home of names) await nats.set(home, "cone");
  } catch (error) {
    await nats.end();
    throw error;
  }
  return nats;
}

/** Of test runs that were killed. */
async function removeLeftOvers(): Promise<void> {
  const { stdout } = await run("ip", ["netns", "list"]);
  for (const [name, pid] of stdout.matchAll(/^kith-(\d+)-\S+/gm)) {
    const isRunning = await access(`/proc/${pid}`).then(
      () => true,
      () => false,
    );
    if (!isRunning) await run("ip", ["netns", "del", name]);
  }
}

/** A NAT that took in what came unasked would keep it as a connection of its own, and give its port to nobody else. */
function rulesOf(kind: NatKind): string {
  return `
    flush ruleset
    table ip home {
      chain out {
        type nat hook postrouting priority srcnat;
        oifname "outside" masquerade ${kind === "symmetric" ? "fully-random" : ""}
      }
      chain own {
        type filter hook input priority filter;
        iifname "outside" drop
      }
      chain through {
        type filter hook forward priority filter;
        ${kind === "no-udp" ? "meta l4proto udp drop" : ""}
        ct state established,related accept
        iifname "outside" drop
      }
    }`;
}
