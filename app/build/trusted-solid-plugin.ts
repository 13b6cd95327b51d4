// Sends every import of solid-js/web, from our code and from libraries, through a module that makes its templates
// acceptable to Trusted Types. Only in a build: Vite's own development server does not send the header.
import type { Plugin } from "vite";

export function trustedSolid(wrapper: string): Plugin {
  return {
    name: "kith-trusted-solid",
    apply: "build",
    enforce: "pre",
    resolveId(source, importer) {
      return source === "solid-js/web" && importer !== wrapper ? wrapper : null;
    },
  };
}
