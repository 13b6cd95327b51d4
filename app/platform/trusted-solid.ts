/**
 * Stands in for `solid-js/web` in the built app. Solid makes elements from compiled templates with innerHTML, which
 * `require-trusted-types-for 'script'` refuses for plain strings. Templates are constants of the bundle and pass here;
 * the policy is not exported, so nothing else can bless a string.
 */
import { template as compiled } from "solid-js/web";

export * from "solid-js/web";

interface TemplatePolicy {
  createHTML(html: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createHTML(html: string): string }): TemplatePolicy;
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
const policy = factory?.createPolicy("kith-template", { createHTML: (html) => html });

// The fourth argument (MathML) is missing in Solid's own types.
type Compiled = (html: string, isImportNode?: boolean, isSvg?: boolean, isMathMl?: boolean) => () => Element;

export const template: Compiled = (html, ...how) => (compiled as Compiled)(policy?.createHTML(html) ?? html, ...how);
