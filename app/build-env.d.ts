/** Put in by the build (vite.config.ts). */
declare const __KITH_BUILD__: { readonly version: string; readonly commit: string };
