/** A part of the interface that is fetched when it is first shown. Says so when it cannot be fetched. */
import { type Component, lazy } from "solid-js";
import { t } from "../i18n/words.ts";
import { notify } from "./notices.tsx";

export function lazily<Props extends object>(load: () => Promise<Component<Props>>): Component<Props> {
  return lazy(async () => {
    try {
      return { default: await load() };
    } catch {
      notify(t("loadFailed"), "fault");
      return { default: () => null };
    }
  });
}
