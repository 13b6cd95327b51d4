/** Says a sentence of the dictionary. Knows only English so far; another language is another dictionary. */
import { flatten, resolveTemplate, translator } from "@solid-primitives/i18n";
import { en } from "./en.ts";
import { enGroups } from "./en-groups.ts";

/** Every sentence there is. */
export const dictionary = { ...en, group: enGroups } as const;

type Leaves<T, Prefix extends string = ""> = {
  [K in keyof T & string]: T[K] extends string ? `${Prefix}${K}` : Leaves<T[K], `${Prefix}${K}.`>;
}[keyof T & string];

/** Path of one sentence in the dictionary. */
export type SentenceKey = Leaves<typeof dictionary>;
/** Path of a sentence that has plural forms. */
export type PluralKey = SentenceKey extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;

const flat = flatten(dictionary as unknown as Record<string, unknown>);
const lookUp = translator(() => flat, resolveTemplate as never) as unknown as (
  key: SentenceKey,
  values?: Record<string, string | number>,
) => string;

export const t = (key: SentenceKey, values?: Record<string, string | number>): string => lookUp(key, values);

const forms = new Intl.PluralRules("en");

export function tCount(key: PluralKey, count: number, values: Record<string, string | number> = {}): string {
  const form = forms.select(count) === "one" ? "one" : "other";
  return t(`${key}.${form}` as SentenceKey, { ...values, count });
}
