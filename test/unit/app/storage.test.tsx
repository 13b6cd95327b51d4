// What a person sees of the storage: that it was cleared away, that it is full or gone, and what it is used by.
import { liveCell } from "@kith/core/lang/live.ts";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import { OpenApp } from "../../../app/app.tsx";
import { sizeInWords } from "../../../app/i18n/size.ts";
import { createPretendMessenger } from "../../support/pretend-messenger.ts";
import { node } from "./message.ts";
import { open, putAwayAfterEach } from "./open-app.tsx";

const heading = (name: string) => screen.findByRole("heading", { name });

putAwayAfterEach();

describe("a browser where somebody lived and the database is empty", () => {
  async function cleared(path = "/") {
    open(createPretendMessenger({ name: "Alice" }));
    await heading("Chats");
    cleanup();
    const pretend = createPretendMessenger();
    open(pretend, path);
    await heading("Your chats are gone from this browser");
    return pretend;
  }

  test.each(["/", "/i/AQabc", "/settings"])("says so at %s, and makes nobody new by itself", async (path) => {
    const pretend = await cleared(path);
    expect(screen.queryByLabelText("Your name")).toBeNull();
    expect(screen.queryByRole("button", { name: "Accept" })).toBeNull();
    expect(pretend.calls).toEqual([]);
  });

  test("lets the person start anew, but only after asking once more", async () => {
    await cleared();
    fireEvent.click(await screen.findByRole("button", { name: "Start anew" }));
    const dialog = await screen.findByRole("dialog");
    expect(screen.queryByLabelText("Your name")).toBeNull();
    fireEvent.click(within(dialog).getByRole("button", { name: "Start anew" }));
    fireEvent.click(await screen.findByRole("button", { name: "Start" }));
    await heading("Chats");
    cleanup();
    open(createPretendMessenger());
    await heading("Your chats are gone from this browser");
  });

  test("goes on with the invitation after starting anew", async () => {
    await cleared("/i/AQabc");
    fireEvent.click(await screen.findByRole("button", { name: "Start anew" }));
    fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Start anew" }));
    await heading("Ana invited you to chat");
  });

  test("is no such browser when only the mark was cleared: it is written again", async () => {
    open(createPretendMessenger({ name: "Alice" }));
    await heading("Chats");
    cleanup();
    localStorage.clear();
    open(createPretendMessenger({ name: "Alice" }));
    await heading("Chats");
    cleanup();
    open(createPretendMessenger());
    await heading("Your chats are gone from this browser");
  });

  test("keeps in its mark nothing of the person", async () => {
    open(createPretendMessenger({ name: "Alice" }));
    await heading("Chats");
    expect(Object.entries(localStorage)).toEqual([["kith-lives-here", "1"]]);
  });
});

describe("a full disk", () => {
  test("is said above everything until it has room, and leads to what takes the space", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    open(pretend);
    await heading("Chats");
    expect(screen.queryByText(/has no room left/)).toBeNull();
    pretend.storage({ kind: "full" });
    expect((await screen.findByRole("alert")).textContent).toMatch(/has no room left/);
    fireEvent.click(screen.getByRole("link", { name: "Make room" }));
    await heading("Largest chats");
    pretend.storage({ kind: "well" });
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });
});

describe("a storage that is gone", () => {
  test.each([
    ["upgraded", /A newer Kith was opened in another tab.*Nothing was lost/],
    ["gone", /stopped letting Kith keep data.*Copy what you were writing/],
  ] as const)("is said, with a way on (%s)", async (why, sentence) => {
    const pretend = createPretendMessenger({ name: "Alice" });
    open(pretend);
    await heading("Chats");
    pretend.storage({ kind: "lost", why });
    expect((await screen.findByRole("alert")).textContent).toMatch(sentence);
    expect(screen.getByRole("button", { name: "Reload" })).toBeTruthy();
  });

  test("before anything could be read does not leave the page opening for ever", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    const silent = { subscribe: () => () => {} };
    const messenger = {
      ...pretend.messenger,
      profile: silent,
      storage: liveCell({ kind: "lost", why: "gone" } as const),
    };
    window.location.hash = "/";
    render(() => <OpenApp messenger={messenger} node={node} />);
    await heading("Kith has stopped in this tab");
    expect(screen.getByRole("button", { name: "Reload" })).toBeTruthy();
  });
});

describe("the page about storage", () => {
  function browserSays(storage: Partial<StorageManager> | undefined) {
    vi.stubGlobal(
      "navigator",
      new Proxy(navigator, { get: (own, name) => (name === "storage" ? storage : Reflect.get(own, name)) }),
    );
  }

  test("says what is used by what, the largest chat first, and leads to where it can be deleted", async () => {
    browserSays({
      estimate: async () => ({ usage: 12_345_678, quota: 2_000_000_000 }),
      persisted: async () => false,
      persist: async () => false,
    });
    const pretend = createPretendMessenger({ name: "Alice" });
    const bob = pretend.addPerson("Bob");
    const carol = pretend.addPerson("Carol");
    pretend.receive(bob, "Hello");
    for (let i = 0; i < 3; i++) pretend.receive(carol, "Hello again");
    open(pretend, "/settings/storage");
    expect(
      await screen.findByText("Kith takes about 12.3 MB in this browser, which allows it about 2 GB."),
    ).toBeTruthy();
    await heading("Largest chats");
    const main = screen.getByRole("main", { name: "Storage" });
    expect(
      within(main)
        .getAllByRole("link")
        .map((link) => link.textContent),
    ).toEqual(["Carol", "Bob"]);
    expect(within(main).getByText(/^3 messages, about/)).toBeTruthy();
    expect(within(main).getByText("Keys")).toBeTruthy();
    expect(within(main).getByRole("link", { name: "Carol" }).getAttribute("href")).toContain(`/c/${carol}/info`);
  });

  test("says whether the browser may clear it, and what to do when it will not promise", async () => {
    browserSays({ persisted: async () => false, persist: async () => false });
    open(createPretendMessenger({ name: "Alice" }), "/settings/storage");
    expect(await screen.findByText(/^No: the browser may remove/)).toBeTruthy();
    expect(await screen.findByText(/does not say how much space/)).toBeTruthy();
    fireEvent.click(await screen.findByRole("button", { name: "Protect it" }));
    expect(await screen.findByText(/Installing Kith or using it more often/)).toBeTruthy();
  });

  test("says so when the browser keeps it", async () => {
    browserSays({ persisted: async () => true });
    open(createPretendMessenger({ name: "Alice" }), "/settings");
    expect(await screen.findByText(/^Yes: the browser keeps/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Protect it" })).toBeNull();
    fireEvent.click(screen.getByRole("link", { name: "See what is stored" }));
    await heading("What takes the space");
  });

  test("in a browser that knows nothing of storage still shows what is kept", async () => {
    browserSays(undefined);
    open(createPretendMessenger({ name: "Alice" }), "/settings/storage");
    expect(await screen.findByText("Keys")).toBeTruthy();
  });
});

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_000, "1 kB"],
  [999_600, "1 MB"],
  [1_250_000, "1.3 MB"],
  [2_000_000_000, "2 GB"],
])("%i bytes are %s", (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words);
});
