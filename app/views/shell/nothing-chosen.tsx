/** The right-hand side while no chat is open. */
import { MarkOfKith } from "../../components/mark-of-kith.tsx";
import { t } from "../../i18n/words.ts";

export function NothingChosen() {
  return (
    <main class="nothing" tabindex="-1" data-region>
      <MarkOfKith size={64} />
      <h2>{t("chats.hereTitle")}</h2>
      <p class="muted">{t("chats.hereText")}</p>
    </main>
  );
}
