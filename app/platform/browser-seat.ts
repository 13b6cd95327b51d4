/** The engine seat over this browser's Web Locks and BroadcastChannel, as a Solid signal. */
import type { Messenger, Result } from "@kith/core";
import { type Accessor, createSignal } from "solid-js";
import { createEngineSeat, type EngineSeat, type SeatLocks, type SeatMessage, type SeatState } from "./engine-seat.ts";

export type OpenMessenger<Fault> = () => Promise<Result<Messenger, Fault>>;

export interface BrowserSeat<Fault> extends EngineSeat {
  readonly state: Accessor<SeatState<Messenger, Fault>>;
}

export function createBrowserSeat<Fault>(open: OpenMessenger<Fault>): BrowserSeat<Fault> {
  const [state, setState] = createSignal<SeatState<Messenger, Fault>>({ kind: "opening" });
  const channel = new BroadcastChannel("kith-engine");
  const seat = createEngineSeat<Messenger, Fault>({
    locks: navigator.locks as unknown as SeatLocks,
    channel: {
      post: (message) => channel.postMessage(message),
      listen: (listener) => {
        channel.onmessage = (event: MessageEvent<SeatMessage>) => listener(event.data);
      },
    },
    open,
    show: (next) => setState(() => next),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  return { state, takeOver: seat.takeOver };
}
