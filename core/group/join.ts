/**
 * Joining a group that has a card in its Welcome (§13.6). The Welcome is sealed for this device, so nothing in it can be read
 * before MLS has opened it: whether its leaves may be there is asked afterwards, with what the card says. Knows neither what a
 * card holds nor who may invite.
 */

import {
  type CiphersuiteImpl,
  decode,
  type Extension,
  joinGroupWithExtensions,
  type MlsContext,
  mlsMessageDecoder,
  wireformats,
} from "ts-mls";
import { equalBytes, utf8 } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxDevicesOfGroup, maxWholeBytes } from "../wire/bounds.ts";
import { isRefusal } from "./create.ts";
import { decodeWhole, type KeyPackagePair, readOwnKeyPackage } from "./key-package.ts";
import { areSoundNodes } from "./sound-nodes.ts";
import { contextOf, encodeState, type GroupState, type Member, membersOf } from "./state.ts";
import { cipherSuite, groupCardExtension, type LeafCheck, mlsContext, suiteId } from "./suite.ts";

export interface Joined {
  readonly state: GroupState;
  /** As it was sealed into the Welcome and signed by `signer`; not decoded here. */
  readonly card: Uint8Array;
  readonly signer: Member;
}

/**
 * Asked once MLS has verified the Welcome: the check that every leaf must pass, made with the lists that the card brings.
 * `undefined`: not from this signer, or not with this card.
 */
export type CardCheck = (card: Uint8Array, signer: Member) => LeafCheck | undefined | Promise<LeafCheck | undefined>;

/**
 * `welcome` is MLSMessage bytes, up to 2 MB. `refused`: not a Welcome, not for this key package, without a card, of more than
 * 256 leaves, no Kith conversation, or not what `checkOf` accepts. Every leaf is checked, the own one too.
 */
export async function joinWithCard(
  welcome: Uint8Array,
  own: KeyPackagePair,
  checkOf: CardCheck,
): Promise<Result<Joined, "refused">> {
  if (welcome.length > maxWholeBytes) return err("refused");
  const message = decodeWhole(() => decode(mlsMessageDecoder, welcome));
  if (message === undefined || message.wireformat !== wireformats.mls_welcome) return err("refused");
  if (message.welcome.cipherSuite !== suiteId) return err("refused");
  const { publicPackage, privatePackage } = readOwnKeyPackage(own);
  const { suite, signerKey } = attentive(await cipherSuite());
  try {
    const { state, groupInfoExtensions } = await joinGroupWithExtensions({
      context: bounded({ ...(await mlsContext(() => true)), cipherSuite: suite }),
      welcome: message.welcome,
      keyPackage: publicPackage,
      privateKeys: privatePackage,
    });
    const members = membersOf(state);
    const key = signerKey();
    const signer = members.find((member) => key !== undefined && equalBytes(member.signatureKey, key));
    const card = cardOf(groupInfoExtensions ?? []);
    if (signer === undefined || card === undefined || contextOf(state) === undefined) return err("refused");
    const check = await checkOf(card, signer);
    const listed =
      check !== undefined &&
      areSoundNodes(state.ratchetTree) &&
      members.every(({ credential, signatureKey }) => check(credential, signatureKey));
    return listed ? ok({ state: encodeState(state), card, signer }) : err("refused");
  } catch (error) {
    if (isRefusal(error)) return err("refused");
    throw error;
  }
}

function cardOf(extensions: readonly Extension[]): Uint8Array | undefined {
  const cards = extensions.filter((one) => one.extensionType === groupCardExtension);
  const [card] = cards;
  return cards.length === 1 && card?.extensionData instanceof Uint8Array ? card.extensionData : undefined;
}

/** Leaves that the tree may name before its validation stops: the work after that grows with their square. */
function bounded(context: MlsContext): MlsContext {
  // The signer is asked for once more, before the others.
  let left = maxDevicesOfGroup + 1;
  return {
    ...context,
    authService: {
      validateCredential: async (credential, signatureKey) => {
        left -= 1;
        return left >= 0 && (await context.authService.validateCredential(credential, signatureKey));
      },
    },
  };
}

/**
 * At worst each of 256 leaves compares its parent hash with the other half of the tree, 255 nodes: 66,000. A tree that is
 * mostly empty could ask for millions.
 */
const maxDigestsOfJoin = 80_000;

/** The first bytes of what a GroupInfo's signature is over (RFC 9420 §5.1.2): the label's length and the label. */
const groupInfoLabel = utf8("MLS 1.0 GroupInfoTBS");

/**
 * The library verifies the signature of the GroupInfo but does not say whose it was: this suite remembers the key that a
 * GroupInfo was verified with. It also ends a join that hashes far more than any tree within the bounds asks for.
 */
function attentive(suite: CiphersuiteImpl): { suite: CiphersuiteImpl; signerKey: () => Uint8Array | undefined } {
  let key: Uint8Array | undefined;
  let digests = 0;
  return {
    signerKey: () => key,
    suite: {
      ...suite,
      hash: {
        ...suite.hash,
        digest(data) {
          digests += 1;
          return digests > maxDigestsOfJoin ? Promise.reject(new Error("too much to hash")) : suite.hash.digest(data);
        },
      },
      signature: {
        ...suite.signature,
        async verify(publicKey, message, signature) {
          const holds = await suite.signature.verify(publicKey, message, signature);
          const label = message.subarray(1, 1 + groupInfoLabel.length);
          if (holds && message[0] === groupInfoLabel.length && equalBytes(label, groupInfoLabel)) key = publicKey;
          return holds;
        },
      },
    },
  };
}
