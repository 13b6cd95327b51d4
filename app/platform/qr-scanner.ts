/** Reads QR codes from the camera where the browser can (BarcodeDetector). */

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
type DetectorClass = new (options: { formats: string[] }) => Detector;

const detectorClass = (): DetectorClass | undefined =>
  (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;

export const canScan = (): boolean => detectorClass() !== undefined && navigator.mediaDevices !== undefined;

const lookEveryMs = 200;

/**
 * Shows the camera in `video` and calls `found` with each text read, until the signal ends it.
 * False when there is no camera or it was refused.
 */
export async function scan(
  video: HTMLVideoElement,
  found: (text: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const Detector = detectorClass();
  if (!Detector) return false;
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return false;
  }
  const end = () => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  if (signal.aborted) {
    end();
    return true;
  }
  signal.addEventListener("abort", end, { once: true });
  const detector = new Detector({ formats: ["qr_code"] });
  video.srcObject = stream;
  await video.play().catch(() => undefined);
  const look = async () => {
    if (signal.aborted) return;
    const codes = await detector.detect(video).catch(() => []);
    for (const code of codes) found(code.rawValue);
    setTimeout(() => void look(), lookEveryMs);
  };
  void look();
  return true;
}
