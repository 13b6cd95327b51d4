/** Short sentences about what just happened or failed, at the edge of the screen. A failure stays until dismissed. */
import "./notices.css";
import X from "lucide-solid/icons/x";
import { type Accessor, createRoot, createSignal, For, type Setter } from "solid-js";
import { t } from "../i18n/words.ts";

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: "calm" | "fault";
}

const shownMs = 4_000;
const [notices, setNotices]: [Accessor<readonly Notice[]>, Setter<readonly Notice[]>] = createRoot(() =>
  createSignal<readonly Notice[]>([]),
);
let serial = 0;

export function notify(text: string, tone: Notice["tone"] = "calm"): void {
  const id = ++serial;
  setNotices((before) => [...before.filter((notice) => notice.text !== text).slice(-2), { id, text, tone }]);
  if (tone === "calm") setTimeout(() => dismiss(id), shownMs);
}

function dismiss(id: number): void {
  setNotices((before) => before.filter((notice) => notice.id !== id));
}

export function Notices() {
  return (
    <div class="notices" role="status">
      <For each={notices()}>
        {(notice) => (
          <div class={`notice notice-${notice.tone}`}>
            <span>{notice.text}</span>
            <button type="button" class="icon-button" aria-label={t("dismiss")} onClick={() => dismiss(notice.id)}>
              <X size={16} />
            </button>
          </div>
        )}
      </For>
    </div>
  );
}
