/** Back to the list, on narrow screens. Goes back in the history where that is the list, so that no loop is built. */
import { useNavigate } from "@solidjs/router";
import ArrowLeft from "lucide-solid/icons/arrow-left";
import { t } from "../../i18n/words.ts";

/** Given to links of the list as their history state. */
export const fromList = { fromList: true } as const;

export function BackButton() {
  const navigate = useNavigate();
  const goBack = () => {
    if ((history.state as { fromList?: boolean } | null)?.fromList) history.back();
    else navigate("/", { replace: true });
  };
  return (
    <button type="button" class="icon-button only-narrow" aria-label={t("back")} onClick={goBack}>
      <ArrowLeft size={20} />
    </button>
  );
}
