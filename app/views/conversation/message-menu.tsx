/** The menu of one message: by its button, the right mouse button, a long press, or the menu key on its row. */
import type { MessageView } from "@kith/core";
import Copy from "lucide-solid/icons/copy";
import Flag from "lucide-solid/icons/flag";
import Info from "lucide-solid/icons/info";
import RotateCw from "lucide-solid/icons/rotate-cw";
import Trash from "lucide-solid/icons/trash";
import { Menu, type MenuItem } from "../../components/menu.tsx";
import { t } from "../../i18n/words.ts";
import { useGroupTalk } from "../group/group-talk.ts";
import { isFailed } from "./failed-mark.ts";
import type { MessageActions } from "./message-actions.ts";

export interface MenuFor {
  readonly message: MessageView;
  readonly at: { readonly x: number; readonly y: number };
}

/** Whether there is anything to do with it. */
export function hasMenu(message: MessageView): boolean {
  return "text" in message.body || message.mark !== undefined;
}

export function MessageMenu(props: {
  readonly for: MenuFor;
  readonly actions: MessageActions;
  /** Where the messages end, in pixels of the window: the composer below stays free. */
  readonly floorPx?: number | undefined;
  readonly onClose: () => void;
}) {
  const { message } = props.for;
  const talk = useGroupTalk();
  const maySayNow = message.mark?.kind === "unsaid" && talk?.group().rights.write === true;
  const item = (label: string, icon: MenuItem["icon"], run: () => void): MenuItem => ({ label, icon, run });
  const items = [
    ...(isFailed(message.mark) || maySayNow
      ? [item(t("message.again"), RotateCw, () => props.actions.sendAgain(message))]
      : []),
    ...("text" in message.body ? [item(t("message.copy"), Copy, () => props.actions.copy(message))] : []),
    ...(message.mark ? [item(t("message.info"), Info, () => props.actions.info(message))] : []),
    ...(talk?.mayReport(message) ? [item(t("group.report"), Flag, () => props.actions.report(message))] : []),
    ...(talk?.mayRemove(message) ? [item(t("group.removeForAll"), Trash, () => props.actions.remove(message))] : []),
  ];
  return (
    <Menu
      label={t("message.menu")}
      items={items}
      at={props.for.at}
      floorPx={props.floorPx}
      onClose={() => props.onClose()}
    />
  );
}
