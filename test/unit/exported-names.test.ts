import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const core = path.resolve(import.meta.dirname, "../../core");

/** Names that a module of core exports, types included, sorted. */
function exportedNames(file: string, project: string): string[] {
  const config = ts.readConfigFile(path.join(core, project), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, core);
  const program = ts.createProgram([path.join(core, file)], options);
  const source = program.getSourceFile(path.join(core, file));
  const module = source && program.getTypeChecker().getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is no module`);
  return program
    .getTypeChecker()
    .getExportsOfModule(module)
    .map((symbol) => symbol.name)
    .sort();
}

// The public face of the engine. A name added here is a promise to the app; a name removed breaks it.
test("core exports these names and no others", () => {
  expect(exportedNames("index.ts", "tsconfig.json")).toEqual([
    "AccountId",
    "AskedView",
    "ChangeEndView",
    "ContactStanding",
    "ContactView",
    "ConversationId",
    "ConversationSummary",
    "ConversationUse",
    "ConversationView",
    "Deps",
    "DeviceId",
    "DiagnosisView",
    "DirectView",
    "GroupAct",
    "GroupChangeView",
    "GroupEventView",
    "GroupFault",
    "GroupInviteView",
    "GroupMemberView",
    "GroupMessenger",
    "GroupRights",
    "GroupRole",
    "GroupRules",
    "GroupView",
    "InviteFault",
    "InviteId",
    "InviteLinkFault",
    "InviteLinkText",
    "InvitePreview",
    "InviteView",
    "JoinRequestView",
    "Live",
    "MessageId",
    "MessageInfoView",
    "MessageMark",
    "MessageView",
    "Messenger",
    "NameFault",
    "NetworkView",
    "NodeUrl",
    "NodeView",
    "NodesFault",
    "OwnerGoneView",
    "PathView",
    "PresenceView",
    "ProfileView",
    "Result",
    "SendAgainFault",
    "SendFault",
    "StoragePart",
    "StorageUse",
    "StorageView",
    "TimelineView",
    "TroubleView",
    "UnsaidView",
    "WriteFaultView",
    "createMessenger",
    "parseInviteLink",
    "parseNodeUrl",
  ]);
}, 60_000);

test("the composition for the browser exports these names and no others", () => {
  expect(exportedNames("browser.ts", "tsconfig.adapters.json")).toEqual(["OpenFault", "openMessenger"]);
}, 60_000);
