/** A friendly name to begin with, so that nobody has to think of one before trying. */
import { t } from "../../i18n/words.ts";

/** `random` gives a number from 0 up to 1. */
export function suggestedName(random: () => number = Math.random): string {
  const pick = (words: string) => {
    const list = words.split(" ");
    return list[Math.floor(random() * list.length)] ?? "";
  };
  return `${pick(t("welcome.adjectives"))} ${pick(t("welcome.creatures"))}`;
}
