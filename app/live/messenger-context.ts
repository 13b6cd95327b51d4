/** Hands the engine to the views below. */
import type { Messenger } from "@kith/core";
import { createContext, useContext } from "solid-js";

export const MessengerContext = createContext<Messenger>();

export function useMessenger(): Messenger {
  const messenger = useContext(MessengerContext);
  if (!messenger) throw new Error("no messenger around this view");
  return messenger;
}
