/** Which build this is; put in by vite.config.ts. */
declare const __KITH_BUILD__: { readonly version: string; readonly commit: string };

export const build = __KITH_BUILD__;
