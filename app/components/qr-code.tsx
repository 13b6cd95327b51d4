/** A text as a QR code: one SVG path, dark on light in both themes, because scanners want it so. */
import "./qr-code.css";
import { encodeQR } from "qr";
import { createMemo } from "solid-js";

const border = 3;

export function QrCode(props: { readonly text: string; readonly label: string }) {
  const rows = createMemo(() => encodeQR(props.text, "raw", { ecc: "low", border }));
  const path = createMemo(() =>
    rows()
      .map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")).join(""))
      .join(""),
  );
  return (
    <svg
      class="qr-code"
      role="img"
      aria-label={props.label}
      viewBox={`0 0 ${rows().length} ${rows().length}`}
      shape-rendering="crispEdges"
    >
      <path d={path()} />
    </svg>
  );
}
