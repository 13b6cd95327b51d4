/**
 * Finds web addresses in a text. Only http and https, and only what the browser itself reads as one; the text stays
 * text, so nothing in a message can become markup.
 */

export type TextPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

const candidate = /\b(?:https?:\/\/|www\.)[^\s<>"'`]+/giu;
const closers: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  const keep = (until: number) => {
    if (until > from) parts.push({ kind: "text", text: text.slice(from, until) });
  };
  for (const match of text.matchAll(candidate)) {
    const found = withoutTail(match[0]);
    const href = safeHref(found);
    if (href === undefined) continue;
    keep(match.index);
    parts.push({ kind: "link", text: found, href });
    from = match.index + found.length;
  }
  keep(text.length);
  return parts;
}

/** An invite that this very app opens, so that it needs no other tab. */
export function isInviteHere(href: string): boolean {
  return href.startsWith(`${window.location.origin}${window.location.pathname}#/i/`);
}

/** A sentence's full stop or the bracket around an address is not part of it. */
function withoutTail(found: string): string {
  let end = found.length;
  while (end > 0) {
    const last = found.charAt(end - 1);
    const opener = closers[last];
    const body = found.slice(0, end);
    const unopened = opener !== undefined && body.split(opener).length < body.split(last).length;
    if (!/[.,;:!?…*_~]/.test(last) && !unopened) break;
    end--;
  }
  return found.slice(0, end);
}

function safeHref(found: string): string | undefined {
  const url = URL.parse(/^https?:/i.test(found) ? found : `https://${found}`);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  // "https://bank.example@evil.example": what stands before the @ is not where it leads.
  if (url.username !== "" || url.password !== "") return undefined;
  return url.hostname.includes(".") || url.hostname === "localhost" ? url.href : undefined;
}
