/** The ways to somebody or something new: an invitation, a group, a link one was given. */
import { useNavigate } from "@solidjs/router";
import ClipboardPaste from "lucide-solid/icons/clipboard-paste";
import Plus from "lucide-solid/icons/plus";
import UserPlus from "lucide-solid/icons/user-plus";
import Users from "lucide-solid/icons/users";
import { createSignal, Show } from "solid-js";
import { Menu } from "../../components/menu.tsx";
import { t } from "../../i18n/words.ts";
import { fromList } from "../shell/back-button.tsx";
import { showOverlay } from "../shell/overlays.ts";

export function NewMenu() {
  const navigate = useNavigate();
  const [at, setAt] = createSignal<{ readonly x: number; readonly y: number }>();
  const open = (button: HTMLElement) => {
    const { left, bottom } = button.getBoundingClientRect();
    setAt({ x: left, y: bottom });
  };
  const go = (path: string) => () => navigate(path, { state: fromList });
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label={t("group.newMenu")}
        aria-haspopup="menu"
        aria-expanded={at() !== undefined}
        onClick={(event) => open(event.currentTarget)}
      >
        <Plus size={22} />
      </button>
      <Show when={at()} keyed>
        {(point) => (
          <Menu
            label={t("group.newMenu")}
            items={[
              { label: t("chats.invite"), icon: UserPlus, run: go("/invite") },
              { label: t("group.newTitle"), icon: Users, run: go("/new-group") },
              { label: t("palette.goPaste"), icon: ClipboardPaste, run: () => showOverlay("paste") },
            ]}
            at={point}
            onClose={() => setAt(undefined)}
          />
        )}
      </Show>
    </>
  );
}
