/** Everything about the group: what it is, who is in it, its rules and links, and the way out. */
import "../contact/contact-details.css";
import "./group-details.css";
import type { ConversationView, GroupView } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import X from "lucide-solid/icons/x";
import { createSignal, Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { Switch as Toggle } from "../../components/switch.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { GroupAbout } from "./group-about.tsx";
import { GroupChanges } from "./group-changes.tsx";
import type { GroupDialog } from "./group-dialog.ts";
import { GroupDialogs } from "./group-dialogs.tsx";
import { EndPart } from "./group-end.tsx";
import { LinksPart } from "./group-links.tsx";
import { NodesPart } from "./group-nodes.tsx";
import { RulesPart } from "./group-rules.tsx";
import { useNaming } from "./group-talk.ts";
import { JoinRequests } from "./join-requests.tsx";
import { MemberList } from "./member-list.tsx";
import { OwnerGonePart } from "./owner-gone.tsx";

export interface GroupDetailsProps {
  readonly view: ConversationView;
  readonly group: GroupView;
}

export function GroupDetails(props: GroupDetailsProps) {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const naming = useNaming(() => props.view.id);
  const [dialog, setDialog] = createSignal<GroupDialog>();
  const member = () => props.group.standing.kind === "member";
  const mute = async (on: boolean) => {
    const kept = await messenger.groups.setMuted(props.view.id, on);
    if (!kept.ok) notify(t(writeFaultWords[kept.error]), "fault");
  };

  return (
    <aside class="details" aria-label={t("group.details", { name: props.group.name })} tabindex="-1" data-region>
      <header class="page-head">
        <h2 class="page-title details-title">{t("group.detailsTitle")}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={t("group.closeDetails")}
          onClick={() => navigate(`/c/${props.view.id}`)}
        >
          <X size={20} />
        </button>
      </header>
      <div class="details-body">
        <GroupAbout id={props.view.id} group={props.group} />
        <GroupChanges id={props.view.id} group={props.group} naming={naming} />
        <Show when={member()}>
          <div>
            <Toggle label={t("group.mute")} hint={t("group.muteText")} on={props.view.muted} onChange={mute} />
          </div>
        </Show>
        <JoinRequests id={props.view.id} group={props.group} />
        <MemberList id={props.view.id} group={props.group} onAsk={setDialog} />
        <Show when={member()}>
          <Show when={props.group.rights.add}>
            <LinksPart group={props.group} naming={naming} onAsk={setDialog} />
          </Show>
          <RulesPart group={props.group} onAsk={setDialog} />
          <NodesPart view={props.view} group={props.group} />
        </Show>
        <Show when={member()}>
          <OwnerGonePart id={props.view.id} group={props.group} naming={naming} onAsk={setDialog} />
        </Show>
        <EndPart group={props.group} onAsk={setDialog} />
      </div>
      <GroupDialogs
        id={props.view.id}
        group={props.group}
        open={dialog()}
        onAsk={setDialog}
        onClose={() => setDialog(undefined)}
      />
    </aside>
  );
}
