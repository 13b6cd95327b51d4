/** The part of the public face that is about being reached: nodes, direct links, and why a person can or cannot be reached. */

import type { NodeUrl } from "../lang/brand.ts";
import type { TroubleView } from "./message-face.ts";

/** One node in use: the person's own, or one that only a conversation needs. */
export interface NodeView {
  readonly node: NodeUrl;
  readonly own: boolean;
  readonly state: "connected" | "connecting" | "unreachable" | "refused" | "incompatible";
  readonly sinceMs: number;
  /** How many conversations are kept there. */
  readonly conversations: number;
}

/** What the person's own device reaches: the best of the person's nodes. */
export type NetworkView =
  | { readonly kind: "connected"; readonly node: NodeUrl }
  | { readonly kind: "connecting"; readonly node: NodeUrl; readonly sinceMs: number }
  | {
      readonly kind: "offline";
      readonly node: NodeUrl;
      readonly sinceMs: number;
      readonly reason: "unreachable" | "refused" | "incompatible";
    };

/** Whether direct links are possible here. `off`: nobody is there to link with, or still starting. */
export type DirectView = "off" | "ready" | "relay-full" | "relay-away" | "no-webrtc";

/** `away` carries when the device was last heard in this session, if it was. */
export type PresenceView =
  | { readonly kind: "here" }
  | { readonly kind: "away"; readonly lastHeardMs: number | undefined }
  | { readonly kind: "unknown" };

/** How bytes travel to this contact now. `node`: through the mailbox of the node, nobody has to be there. */
export type PathView = "direct" | "relayed" | "node";

/** What is known about reaching one person: facts only, the interface has the words (UX §3). */
export interface DiagnosisView {
  readonly nodes: readonly NodeView[];
  readonly direct: DirectView;
  /** Until when a relay keeps a place for this device. */
  readonly reservedUntilMs: number | undefined;
  /** Kinds of addresses this device found of itself when it last looked; never the addresses. */
  readonly candidates: { readonly host: number; readonly reflexive: number; readonly relayed: number } | undefined;
  /** `silent`: the node answers STUN and nothing came back, so UDP does not get through. */
  readonly stun: "answered" | "silent" | "not-asked";
  readonly relayOnly: "everybody" | "contact" | undefined;
  readonly presence: PresenceView;
  readonly path: PathView;
  readonly lastDial:
    | { readonly atMs: number; readonly outcome: "linked" | "unreachable" | "timeout" | "no-webrtc" }
    | undefined;
  /** Own messages that not every device of theirs has. */
  readonly waiting: {
    readonly messages: number;
    readonly oldestMs: number | undefined;
    /** Of them, kept by a node; and until when the first of these promises lasts. */
    readonly held: number;
    readonly heldUntilMs: number | undefined;
    readonly trouble: TroubleView | undefined;
  };
  readonly healingSinceMs: number | undefined;
  readonly missing: number;
}
