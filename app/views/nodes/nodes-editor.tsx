/** One to three nodes in order: how each is, adding by address, removing, moving up. Keeps nothing itself. */
import "./nodes.css";
import type { NodeUrl, NodeView } from "@kith/core";
import ArrowUp from "lucide-solid/icons/arrow-up";
import X from "lucide-solid/icons/x";
import { createSignal, createUniqueId, For, Show } from "solid-js";
import { hostOf } from "../../i18n/people-words.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { now } from "../../platform/clock.ts";
import { type NodeAddressFault, readNodeAddress } from "./node-address.ts";
import { nodeStateInWords } from "./node-words.ts";

export interface NodesEditorProps {
  readonly label: string;
  readonly nodes: readonly NodeUrl[];
  /** What is known of nodes in use. */
  readonly known: readonly NodeView[];
  /** The person's own nodes, to be added with one press. */
  readonly offered?: readonly NodeUrl[];
  readonly onChange: (nodes: readonly NodeUrl[]) => void;
}

const mostNodes = 3;
const faultWords: Readonly<Record<NodeAddressFault, SentenceKey>> = {
  malformed: "nodesFault.malformed",
  twice: "nodesFault.twice",
  insecure: "nodesFault.insecure",
};

export function NodesEditor(props: NodesEditorProps) {
  const faultId = createUniqueId();
  const listId = createUniqueId();
  const [text, setText] = createSignal("");
  const [fault, setFault] = createSignal<NodeAddressFault>();
  const [removed, setRemoved] = createSignal(false);
  let field: HTMLInputElement | undefined;
  let list: HTMLUListElement | undefined;

  const stateOf = (node: NodeUrl) => {
    const view = props.known.find((each) => each.node === node);
    return view ? nodeStateInWords(view, now()) : t("nodes.notYet");
  };
  const offered = () => (props.offered ?? []).filter((node) => !props.nodes.includes(node));
  /** The scheme is shown only where it alone tells two of the list apart. */
  const shown = (node: NodeUrl) =>
    props.nodes.some((each) => each !== node && hostOf(each) === hostOf(node)) ? node : hostOf(node);
  const removable = () => props.nodes.length > 1;
  const others = () => props.known.map((each) => each.node).filter((node) => !props.nodes.includes(node));

  const add = (event: Event) => {
    event.preventDefault();
    const read = readNodeAddress(text(), props.nodes, location.protocol);
    setFault(read.ok ? undefined : read.fault);
    if (!read.ok) return field?.focus();
    setText("");
    props.onChange([...props.nodes, read.node]);
  };
  const remove = (node: NodeUrl) => {
    setRemoved(true);
    props.onChange(props.nodes.filter((each) => each !== node));
    // The row with the focus is gone.
    queueMicrotask(() => (field ?? list)?.focus());
  };
  const moveUp = (node: NodeUrl) => {
    const at = props.nodes.indexOf(node);
    props.onChange(props.nodes.toSpliced(at, 1).toSpliced(at - 1, 0, node));
    queueMicrotask(() => list?.focus());
  };

  return (
    <div class="nodes">
      <ul ref={list} class="nodes-list" aria-label={props.label} tabindex="-1">
        <For each={props.nodes}>
          {(node, index) => (
            <li class="nodes-row">
              <span class="nodes-words">
                <span class="nodes-host">{shown(node)}</span>
                <span class="muted small">{stateOf(node)}</span>
              </span>
              <Show when={index() > 0}>
                <button
                  type="button"
                  class="icon-button"
                  aria-label={t("nodes.moveUp", { host: shown(node) })}
                  onClick={() => moveUp(node)}
                >
                  <ArrowUp size={18} />
                </button>
              </Show>
              <Show when={removable()}>
                <button
                  type="button"
                  class="icon-button"
                  aria-label={t("nodes.remove", { host: shown(node) })}
                  onClick={() => remove(node)}
                >
                  <X size={18} />
                </button>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={removable() || removed()}>
        <p class="muted small">{t("nodes.removedStill")}</p>
      </Show>
      <Show when={props.nodes.length < mostNodes} fallback={<p class="muted small">{t("nodes.most")}</p>}>
        <For each={offered()}>
          {(node) => (
            <button type="button" class="button button-quiet" onClick={() => props.onChange([...props.nodes, node])}>
              {t("nodes.addOwn", { host: hostOf(node) })}
            </button>
          )}
        </For>
        <form class="nodes-form" onSubmit={add}>
          <label class="field nodes-field">
            <span class="field-label">{t("nodes.address")}</span>
            <input
              ref={field}
              class="field-input"
              type="text"
              inputmode="url"
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              placeholder={t("nodes.example")}
              list={listId}
              value={text()}
              aria-invalid={fault() !== undefined}
              aria-describedby={fault() ? faultId : undefined}
              onInput={(event) => {
                setText(event.currentTarget.value);
                setFault(undefined);
              }}
            />
          </label>
          <datalist id={listId}>
            <For each={others()}>{(node) => <option value={node} />}</For>
          </datalist>
          <button type="submit" class="button button-quiet" disabled={text().trim() === ""}>
            {t("nodes.add")}
          </button>
        </form>
        <Show when={fault()}>
          {(reason) => (
            <p id={faultId} class="field-fault" role="alert">
              {t(faultWords[reason()])}
            </p>
          )}
        </Show>
      </Show>
    </div>
  );
}
