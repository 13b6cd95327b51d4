// Which cryptography lives are lived with: what is shipped, or the same algorithms by node:crypto, which give the same bytes
// in a fraction of the time (proven in unit/support/native-crypto.test.ts). A simulation is about schedules: cryptography
// itself is proven by vectors, and by every other kind of test. What is not of the suite is chosen only where the project's aliases are.
import type { CiphersuiteImpl } from "ts-mls";
import { cipherSuite } from "../../core/group/suite.ts";
import { chooseEd25519 } from "./native-ed25519.ts";
import { nativeSuite } from "./native-suite.ts";
import { chooseSymmetric } from "./native-symmetric.ts";

export type Cryptography = "shipped" | "native";

let shipped: CiphersuiteImpl | undefined;

/** For this worker, from now on. */
export async function chooseCryptography(cryptography: Cryptography): Promise<void> {
  const suite = await cipherSuite();
  shipped ??= { ...suite };
  Object.assign(suite, shipped, cryptography === "native" ? nativeSuite : {});
  chooseEd25519(cryptography === "native");
  chooseSymmetric(cryptography === "native");
}
