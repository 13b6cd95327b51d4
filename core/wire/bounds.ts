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

/** Persons and devices of a group. Every commit and Welcome grows with them; 256 leaves are a Welcome of about 700 KB. */
export const maxPeopleOfGroup = 100;
export const maxDevicesOfGroup = 256;
/** UTF-16 units. */
export const maxDescriptionCharacters = 500;
/** UTF-16 units: a family of four with skin tones, or a flag of a region, is one emoji of 14 to 19. */
export const maxEmojiCharacters = 20;
/** A member waits at most a day for the next message: longer is a group in which members do not write. */
export const maxSlowModeS = 86_400;
/** The longest name and description, a role for each of 100 persons and three nodes: about 7 KB. */
export const maxGroupContextBytes = 8_192;
/** Device lists of 100 new persons with three devices each. Whose lists are longer are added in several commits. */
export const maxCommitNoteBytes = 48 * 1_024;
/** 100 device lists at their bound, names, and statements of those who left: 860 KB. Lower, and one person could keep others out. */
export const maxGroupCardBytes = 1_024 * 1_024;

/** What does not fit an envelope is cut into parts of this size, which leaves room for the fields beside it (§13.8). */
export const partBytes = 60_000;
/** 1.9 MB: the Welcome of 256 devices with the largest card. Higher is memory for whoever is in the topic. */
export const maxPartsOfWhole = 32;
export const maxWholeBytes = partBytes * maxPartsOfWhole;

/** Key packages left with one contact at once: two are enough for two groups in one absence, the rest is room. */
export const maxKeyPackagesLeft = 4;
/** Of which somebody is told at a time that they are in them. More than two people share. */
export const maxGroupsThere = 32;
/** Persons who may join with one link. */
export const maxInviteBudget = 100;
/** A name, a picture, and 100 who may answer. */
export const maxLinkShownBytes = 4_096;
/** The newest whom a group put out. Lower, and who makes up persons brings one back; higher is 16 bytes each in every Welcome. */
export const maxPutOut = 500;
/**
 * Epochs of a group whose marks are kept and shown: they fill the smallest envelope. Lower, and the first epoch that differs is
 * forgotten sooner.
 */
export const maxEpochMarks = 48;
/** UTF-16 units: why a message is reported. */
export const maxReportCharacters = 500;

/** 15 MB, some 60,000 messages. Their hashes must fit the one content that offers them. */
export const maxHistoryPieces = 256;
export const maxHistoryPieceBytes = 60_000;
/** 60 bytes each at least, so no piece that is full has more. */
export const maxHistoryEntries = 1_000;
/** With topic secret and signature it fits an envelope. */
export const maxHistoryCapsuleBytes = 56 * 1_024;
/** Those who wrote in a group are more than those who are in it. */
export const maxHistoryPersons = 500;
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
/** Runs of all devices together: at most 16 bytes each, so that a "have" fits an envelope and a link's frame. */
export const maxHaveRangesInAll = 1_500;
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
