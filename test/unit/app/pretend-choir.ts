// A group of four on a pretend engine, and what tests of its screens ask of it.
import type { AccountId, ConversationId, GroupRole } from "@kith/core";
import { screen } from "@solidjs/testing-library";
import { createPretendMessenger, type Pretend } from "../../support/pretend-messenger.ts";
import { open } from "./open-app.tsx";

/** What the app asked the engine for, of one kind. */
export const calls = (pretend: Pretend, of: string) => pretend.calls.filter((call) => call.startsWith(of));

function accountOf(pretend: Pretend, id: ConversationId): AccountId {
  let account: AccountId | undefined;
  pretend.messenger.conversation(id).subscribe((view) => {
    account = view?.contact;
  })();
  return account!;
}

/** Alice in a group with Bob and Carol, her contacts, and Mallory, a stranger. */
export function group(role: GroupRole, others: { bob?: GroupRole; carol?: GroupRole } = {}) {
  const pretend = createPretendMessenger({ name: "Alice" });
  const bob = accountOf(pretend, pretend.addPerson("Bob"));
  const carol = accountOf(pretend, pretend.addPerson("Carol"));
  const dana = accountOf(pretend, pretend.addPerson("Dana"));
  const mallory = pretend.groups.stranger("Mallory");
  const me = "aa".repeat(32) as AccountId;
  const id = pretend.groups.add("Choir", [
    [me, role],
    [bob, others.bob ?? (role === "owner" ? "admin" : "owner")],
    [carol, others.carol ?? "member"],
    [mallory, "member"],
  ]);
  return { pretend, id, me, bob, carol, dana, mallory };
}
export const details = async ({ pretend, id }: { pretend: Pretend; id: ConversationId }) => {
  open(pretend, `/c/${id}/info`);
  return screen.findByRole("complementary", { name: "About the group Choir" });
};
