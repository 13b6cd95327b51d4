/**
 * The headers of every response. The page's only wall against a stolen conversation is that no foreign script runs in it,
 * so the policy allows nothing that the app does not need.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  // DOM sinks take compiled templates and the two worker addresses only.
  "require-trusted-types-for 'script'",
  "trusted-types kith-template kith-worker",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "media-src blob:",
  "worker-src 'self'",
  "manifest-src 'self'",
  // Contacts may be on any node, and no list of those can be known here. It costs little: whoever runs script in the page
  // could send bytes out over WebRTC anyway, which no policy governs.
  "connect-src 'self' ws: wss: http: https:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const permissionsPolicy = [
  "camera=(self)",
  "microphone=(self)",
  ...[
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "midi",
    "payment",
    "picture-in-picture",
    "serial",
    "usb",
    "xr-spatial-tracking",
  ].map((feature) => `${feature}=()`),
].join(", ");

const always: Readonly<Record<string, string>> = {
  "Content-Security-Policy": contentSecurityPolicy,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": permissionsPolicy,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** HSTS only where the client came by TLS: on plain localhost it would lock the user out of the page. */
export function securityHeaders(isBehindTls: boolean): Readonly<Record<string, string>> {
  return isBehindTls ? { ...always, "Strict-Transport-Security": "max-age=31536000" } : always;
}
