/** The bytes of a `NodeIce` (§6.8): what a node says helps devices through NATs. Total, bounded, strict. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { maxIceSecretCharacters, maxIceServers, maxIceUrls } from "./bounds.ts";
import type { IceServer as IceServerMessage, NodeIce as NodeIceMessage, NodeIceSchema } from "./gen/kith/node_pb.js";
import { parseIceUrl } from "./ice-url.ts";
import type { IceServer, NodeIce } from "./node-protocol.ts";

/** Version 1 has none. */
export function readIce(message: NodeIceMessage | undefined): NodeIce | undefined {
  const { stunPort, servers } = message ?? { stunPort: 0, servers: [] };
  if (stunPort > 65_535 || servers.length > maxIceServers) return undefined;
  const read = servers.map(readServer).filter((server) => server !== undefined);
  if (read.length < servers.length) return undefined;
  return { stunPort: stunPort === 0 ? undefined : stunPort, servers: read };
}

export function writeIce({ stunPort, servers }: NodeIce): MessageInitShape<typeof NodeIceSchema> {
  return { stunPort: stunPort ?? 0, servers: servers.map((server) => ({ ...server, urls: [...server.urls] })) };
}

const secretText = /^[\x21-\x7e]+$/u;

/** A browser throws where a TURN server lacks its name or secret, so none without them gets that far. */
function readServer({ urls, username, credential }: IceServerMessage): IceServer | undefined {
  const kinds = new Set(urls.map((text) => kindOf(text)));
  const [kind] = kinds;
  if (kinds.size !== 1 || urls.length > maxIceUrls) return undefined;
  if (kind === "stun") return username === "" && credential === "" ? { urls } : undefined;
  if (kind === undefined || !isSecret(username) || !isSecret(credential)) return undefined;
  return { urls, username, credential };
}

/** Nothing where it is not written in its one form. */
function kindOf(text: string): "stun" | "turn" | undefined {
  const url = parseIceUrl(text);
  return url?.url === text ? url.kind : undefined;
}

function isSecret(text: string): boolean {
  return text.length <= maxIceSecretCharacters && secretText.test(text);
}
