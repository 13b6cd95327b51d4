/** Host names and addresses in one form each: DNS (RFC 1123), IPv4 as four decimal numbers, IPv6 as in RFC 5952. */

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u;
const maxNameLength = 253;

/** `text` is lower case. `undefined` where it is none of the three. */
export function normalHost(text: string): string | undefined {
  if (text.startsWith("[")) return normalIpv6(text.slice(1, -1));
  const labels = text.split(".");
  if (text.length > maxNameLength || !labels.every((one) => label.test(one))) return undefined;
  // A last label that begins like a number makes browsers read an IPv4 address, in octal, hex or short forms too.
  const last = labels.at(-1) ?? "";
  if (!/^(?:[0-9]+|0x[0-9a-f]*)$/u.test(last)) return text;
  return isIpv4(labels) ? text : undefined;
}

function isIpv4(parts: readonly string[]): boolean {
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/u.test(part) && Number(part) <= 255);
}

function normalIpv6(text: string): string | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [before = [], after = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const given = before.length + after.length;
  // "::" stands for at least one group; without it there are exactly eight.
  if (halves.length === 2 ? given > 7 : given !== 8) return undefined;
  if (![...before, ...after].every((group) => /^[0-9a-f]{1,4}$/u.test(group))) return undefined;
  const zeros = Array.from({ length: 8 - given }, () => "0");
  return `[${shortest([...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16)))}]`;
}

/** The first of the longest runs of two or more zeros becomes "::" (RFC 5952 §4.2). */
function shortest(groups: readonly number[]): string {
  let run = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > run.length) run = { start, length: end - start };
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (run.start < 0) return text(groups);
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}
