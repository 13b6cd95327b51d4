/**
 * How much one address may have and do at a time: connections, frames, bytes, new topics. An address without connections is
 * forgotten only from time to time, so that coming again at once does not give a fresh allowance.
 */
import { type TokenBucket, tokenBucket } from "./token-bucket.ts";

export interface AdmissionLimits {
  readonly maxConnectionsPerAddress: number;
  readonly framesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly newTopicsPerMinute: number;
}

/** One connection's allowance, its own and its address's. */
export interface Allowance {
  /** 0: go on. Else the milliseconds after which it would be granted. */
  take(bytes: number, nowMs: number): number;
  /** The address's leave to begin a topic: 0 when it has it, else the milliseconds until it would. */
  takeNewTopic(nowMs: number): number;
  /** Whether one more refusal may be answered now: they cost nearly what they spare. */
  takeRefusal(nowMs: number): boolean;
  /** None came of it. */
  giveBackNewTopic(): void;
  release(): void;
}

export interface Admission {
  /** Nothing when the address has as many connections as it may. */
  admit(address: string): Allowance | undefined;
  /** Forgets addresses without connections; called from time to time. */
  forgetIdle(): void;
}

/** An address stands for a household or an office. */
const connectionsWorth = 4;
/** Of what one connection may ask in a second, an address may be refused this part. */
const refusedShare = 4;

export function createAdmission(limits: AdmissionLimits): Admission {
  const addresses = new Map<
    string,
    {
      connections: number;
      readonly frames: TokenBucket;
      readonly bytes: TokenBucket;
      readonly newTopics: TokenBucket;
      readonly refusals: TokenBucket;
    }
  >();
  return {
    admit(address) {
      const known = addresses.get(address) ?? {
        connections: 0,
        frames: tokenBucket(limits.framesPerSecond * connectionsWorth),
        bytes: tokenBucket(limits.bytesPerSecond * connectionsWorth),
        newTopics: tokenBucket(limits.newTopicsPerMinute / 60, limits.newTopicsPerMinute),
        refusals: tokenBucket(limits.framesPerSecond / refusedShare),
      };
      if (known.connections >= limits.maxConnectionsPerAddress) return undefined;
      addresses.set(address, known);
      known.connections += 1;
      const frames = tokenBucket(limits.framesPerSecond);
      const bytes = tokenBucket(limits.bytesPerSecond);
      let isHeld = true;
      return {
        take: (size, nowMs) =>
          frames.take(1, nowMs) ||
          bytes.take(size, nowMs) ||
          known.frames.take(1, nowMs) ||
          known.bytes.take(size, nowMs),
        takeNewTopic: (nowMs) => known.newTopics.take(1, nowMs),
        takeRefusal: (nowMs) => known.refusals.take(1, nowMs) === 0,
        giveBackNewTopic: () => known.newTopics.giveBack(1),
        release() {
          if (isHeld) known.connections -= 1;
          isHeld = false;
        },
      };
    },
    forgetIdle() {
      for (const [address, { connections }] of addresses) if (connections === 0) addresses.delete(address);
    },
  };
}
