/** The only public door of the engine. */

export type { Deps } from "./engine/engine.ts";
export type * from "./engine/face.ts";
export { createMessenger } from "./engine/messenger.ts";
export type { AccountId, ConversationId, DeviceId, InviteId, MessageId, NodeUrl } from "./lang/brand.ts";
export type { Live } from "./lang/live.ts";
export type { Result } from "./lang/result.ts";
export { type InviteLinkText, parseInviteLink } from "./wire/invite-link.ts";
export { parseNodeUrl } from "./wire/node-url.ts";
