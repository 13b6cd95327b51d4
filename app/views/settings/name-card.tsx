/** How others see me. */
import { createEffect, createSignal, Show } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { notify } from "../../components/notices.tsx";
import { nameFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";

export function NameCard() {
  const messenger = useMessenger();
  const profile = fromLive(() => messenger.profile);
  const person = () => {
    const view = profile();
    return view?.kind === "person" ? view : undefined;
  };
  const [name, setName] = createSignal("");
  const [fault, setFault] = createSignal<string>();
  createEffect(() => setName(person()?.name ?? ""));

  const save = async (event: Event) => {
    event.preventDefault();
    const renamed = await messenger.rename(name());
    setFault(renamed.ok ? undefined : t(nameFaultWords[renamed.error]));
    if (renamed.ok) notify(t("settings.nameSaved"));
  };

  return (
    <section class="card" aria-labelledby="settings-profile">
      <h2 id="settings-profile" class="card-title">
        {t("settings.profile")}
      </h2>
      <form class="name-form" onSubmit={(event) => void save(event)}>
        <Avatar name={name()} account={person()?.account} size="m" />
        <label class="field name-form-field">
          <span class="field-label">{t("settings.name")}</span>
          <input
            class="field-input"
            type="text"
            maxlength={60}
            autocomplete="nickname"
            value={name()}
            aria-invalid={fault() !== undefined}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button" disabled={name() === person()?.name}>
          {t("settings.saveName")}
        </button>
      </form>
      <Show when={fault()}>
        {(sentence) => (
          <p class="field-fault" role="alert">
            {sentence()}
          </p>
        )}
      </Show>
    </section>
  );
}
