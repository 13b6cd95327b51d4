/** Recognises invitation links in what people paste, scan or open. Whether one is good is for the engine to say. */

const marker = "#/i/";

/** The link inside `text`, which may be a whole message around it; undefined when there is none. */
export function findInviteLink(text: string): string | undefined {
  const link = text
    .trim()
    .split(/\s+/)
    .find((word) => word.includes(marker));
  if (link !== undefined) return link;
  return undefined;
}

/** Path inside the app where the link is answered: what follows `#`. Another Kith's link is answered here too. */
export function invitePath(link: string): string {
  return link.slice(link.indexOf(marker) + 1);
}
