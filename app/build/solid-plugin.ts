// Solid's compiler, told to set styles through the CSSOM: a style attribute in a compiled template would be refused by
// style-src 'self'.
import type { PluginOption } from "vite";
import solid, { type Options } from "vite-plugin-solid";

export function compiledSolid(): PluginOption {
  // The compiler knows the option, the plugin's types do not.
  return solid({ solid: { inlineStyles: false } as Options["solid"] & object });
}
