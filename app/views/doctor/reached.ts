/** Whether any node that is needed to reach somebody answers. */
import type { DiagnosisView } from "@kith/core";

export function reached({ nodes }: Pick<DiagnosisView, "nodes">): boolean {
  return nodes.some((node) => node.state === "connected");
}
