/** Every size limit of the wire formats, in one place (§1). Nothing is decoded before it passed its bound. */

/** Sizes an envelope can have; the smallest that fits is used (§4). */
export const envelopeSizesBytes = [1_024, 4_096, 16_384, 65_536] as const;
export const maxEnvelopeBytes = 65_536;

/** A frame of the node or link protocol: the largest envelope and its field headers. Lower would refuse an envelope; higher is memory for strangers. */
export const maxFrameBytes = 72 * 1_024;
export const maxSignalBytes = 1_024;
/** Signals are padded to this before sealing. */
export const signalPlainBytes = 512;
/** The last moment that a date can show (ECMAScript §21.4.1.1): a later one would break whoever formats it. */
export const maxClockMs = 8_640_000_000_000_000;
export const maxReadEntries = 100;

/** UTF-16 units; in UTF-8 each takes at most three bytes. */
export const maxTextCharacters = 8_000;
export const maxNameCharacters = 60;
export const maxNodeUrlBytes = 200;
export const maxNodesOfConversation = 3;
export const maxDevicesOfAccount = 16;
export const maxDeviceListBytes = 8_192;
export const maxCredentialBytes = 128;
/** Three node addresses and the fixed fields. */
export const maxConversationContextBytes = 1_024;
export const maxKeyPackageBytes = 8_192;
export const maxInviteLinkCharacters = 2_048;
/** Devices that one kept envelope may be for: those of one person, or of the small group it was said in. */
export const maxKeepDevices = 16;
export const maxAcknowledgedHashes = 500;
/** Messages in one read receipt. */
export const maxReadMessages = 500;
/** Devices and unbroken runs of numbers in one "have"; further gaps of one device are asked for when these are closed. */
export const maxHaveDevices = 256;
export const maxHaveRanges = 64;
/** Groups a conversation may have one after another. A device would have to lose its keys every day for a century. */
export const maxGeneration = 65_535;
export const maxSignalAddresses = 4;
export const maxAddressBytes = 300;
export const maxPeerIdBytes = 80;
/** Servers for ICE that a node may name. Browsers gather candidates the slower the more there are. */
export const maxIceServers = 4;
export const maxIceUrls = 4;
export const maxIceUrlBytes = 200;
export const maxIceSecretCharacters = 200;
