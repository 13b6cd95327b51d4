import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entropyFromPhrase, phraseFromEntropy } from "../../../core/crypto/phrase.ts";

const entropy = fc.uint8Array({ minLength: 16, maxLength: 16 });
const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";

describe("a recovery phrase", () => {
  test("leads back to the entropy it was made from", () => {
    fc.assert(
      fc.property(entropy, (entropy) => {
        const phrase = phraseFromEntropy(entropy);
        expect(phrase.split(" ")).toHaveLength(12);
        expect(entropyFromPhrase(phrase)).toEqual({ ok: true, value: entropy });
      }),
    );
  });

  test.each([
    ["capitals", phrase.toUpperCase()],
    ["many spaces, line ends and tabs", `  ${phrase.replaceAll(" ", " \n\t ")}\r\n`],
    ["spaces that do not break, and ideographic ones", phrase.replace(" ", "\u00a0").replace(" ", "\u3000")],
    ["full-width letters", phrase.replace("legal", "\uff4c\uff45\uff47\uff41\uff4c")],
  ])("is understood with %s", (_, typed) => {
    expect(entropyFromPhrase(typed)).toEqual(entropyFromPhrase(phrase));
    expect(entropyFromPhrase(typed).ok).toBe(true);
  });

  test.each([
    ["nothing", "", "word-count"],
    ["eleven words", phrase.replace(" yellow", ""), "word-count"],
    ["thirteen words", `${phrase} yellow`, "word-count"],
    ["twelve words far apart", phrase.replaceAll(" ", " ".repeat(1_000)), "word-count"],
    ["a word that is not on the list", phrase.replace("sausage", "sossage"), "unknown-word"],
    ["half a character", phrase.replace("sausage", "\ud800"), "unknown-word"],
    ["two words exchanged", phrase.replace("legal winner", "winner legal"), "checksum"],
    ["one word in place of another", phrase.replace("yellow", "zoo"), "checksum"],
  ])("is refused where it is %s", (_, typed, error) => {
    expect(entropyFromPhrase(typed)).toEqual({ ok: false, error });
  });

  test("gives an answer for every text without throwing", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.array(fc.constantFrom("zoo", "abandon", "ability", " ", "\u2028"), { maxLength: 30 }).map((w) => w.join(" ")),
    );
    fc.assert(
      fc.property(text, (typed) => void entropyFromPhrase(typed)),
      { numRuns: 3000 },
    );
  });

  test("is never made from another length of entropy", () => {
    expect(() => phraseFromEntropy(new Uint8Array(32))).toThrow();
  });
});
