import { hexToBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import { addressBytes } from "../../bootstrap-node/client-address.ts";
import { answerBinding, readBindingRequest } from "../../bootstrap-node/stun-message.ts";
import { readVectors } from "./read-vectors.ts";

type Sample = { section: string; message: string; address: string | null; port: number | null };

const [request, ...responses] = readVectors<Sample>("stun-rfc5769", 3).map(({ message, ...rest }) => ({
  ...rest,
  message: hexToBytes(message),
}));
const typeAndHeader = 4;

test("STUN reads the request of RFC 5769, whose fingerprint no longer holds once a bit is changed", () => {
  const { message } = request!;
  // PRIORITY belongs to ICE, of which a server that only answers Binding requests understands nothing.
  const id = message.slice(4, 20);
  expect(readBindingRequest(message)).toEqual({ id, hasFingerprint: true, unknown: [0x0024] });
  for (let bit = 0; bit < message.length * 8; bit++) {
    const changed = message.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(readBindingRequest(changed)?.hasFingerprint ?? false, `bit ${bit}`).toBe(false);
  }
});

test("STUN writes the address of the responses of RFC 5769 as they do", () => {
  for (const { section, message, address, port } of responses) {
    const asked = { id: message.slice(4, 20), hasFingerprint: false, unknown: [] };
    const answer = answerBinding(asked, addressBytes(address!)!, port!);
    const attribute = Buffer.from(answer.subarray(20)).toString("hex");
    expect(attribute, section).toMatch(/^0020/);
    expect(Buffer.from(message).toString("hex"), section).toContain(attribute);
    expect(answer.length - 20, section).toBe(typeAndHeader + 4 + addressBytes(address!)!.length);
  }
});
