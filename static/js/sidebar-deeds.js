/** What the menus of the sidebar do: rename, delete, move, tag, select; folders made and named. */
import { clone } from "articles";
import { attempt, heed, post, toastOnNextPage } from "status";

/** @typedef {import("sidebar").ChatSidebar} Sidebar */

/** By the `data-action` of what was pressed. @type {Record<string, (sidebar: Sidebar, part: HTMLElement) => unknown>} */
export const DEEDS = {
  rename: (_, part) => rename(part),
  delete: remove,
  choose: async (sidebar, part) => {
    await style(sidebar);
    const { chooseAt } = await import("choosing");
    return chooseAt(/** @type {HTMLAnchorElement} */ (part).href);
  },
  select: async (sidebar, part) => {
    await style(sidebar);
    const { begin } = await import("sidebar-select");
    begin(sidebar, /** @type {HTMLElement} */ (part.closest(".row")));
  },
  "rename-folder": (_, part) => renameFolder(part),
  "new-folder": (sidebar, part) => newFolder(sidebar, part),
  more: async (sidebar, part) => (await import("sidebar-upkeep")).more(sidebar, part),
};

/** The sheet of style, once. @param {Sidebar} sidebar @returns {Promise<unknown>} */
export function style(sidebar) {
  const href = sidebar.dataset.sheet ?? "";
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve, onerror: resolve }));
  });
}

/** A field in the place of a name. @param {HTMLElement} place before which it stands @param {string} before
 * @param {(text: string) => void} save @param {HTMLElement | null} back gets the focus */
function ask(place, before, save, back) {
  const form = /** @type {HTMLFormElement} */ (clone("template-rename"));
  const field = /** @type {HTMLInputElement} */ (form.querySelector("input"));
  let isOver = false; // going away blurs the field, which comes here again
  const end = (/** @type {boolean} */ isSaved) => {
    if (isOver) return;
    isOver = true;
    const text = field.value.trim();
    form.remove();
    back?.focus();
    if (isSaved && text && text !== before) save(text);
  };
  field.value = before;
  form.addEventListener("submit", (event) => (event.preventDefault(), end(true)));
  form.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), end(false)));
  field.addEventListener("blur", () => end(true));
  place.before(form);
  field.select();
  field.focus();
  return field;
}

/** @param {HTMLElement} part */
function rename(part) {
  const row = /** @type {HTMLElement} */ (part.closest(".row"));
  const entry = /** @type {HTMLAnchorElement} */ (row.querySelector(".entry"));
  const title = /** @type {HTMLElement} */ (entry.querySelector("bdi"));
  const before = title.textContent ?? "";
  ask(entry, before, (text) => {
    title.textContent = text;
    attempt(() => post(`${entry.getAttribute("href")}update/`, { title: text }), () => (title.textContent = before));
  }, entry);
}

/** @param {HTMLElement} part */
function renameFolder(part) {
  const item = /** @type {HTMLElement} */ (part.closest(".folder"));
  const head = /** @type {HTMLElement} */ (item.querySelector("summary"));
  const name = /** @type {HTMLElement} */ (head.querySelector("bdi"));
  const before = name.textContent ?? "";
  const field = ask(/** @type {HTMLElement} */ (item.firstElementChild), before, (text) => {
    name.textContent = text;
    attempt(() => post(/** @type {HTMLAnchorElement} */ (part).href, { name: text }), () => (name.textContent = before));
  }, head);
  field.maxLength = 60;
  field.ariaLabel = "Name of the folder";
}

/** @param {Sidebar} sidebar @param {HTMLElement} part */
function newFolder(sidebar, part) {
  const url = new URL(/** @type {HTMLAnchorElement} */ (part).href);
  const item = /** @type {HTMLElement | null} */ (part.closest(".folder"));
  const place = item?.querySelector("ul") ?? sidebar.list.querySelector('[data-group="folders"] ul');
  const details = item?.querySelector("details");
  if (details) details.open = true;
  if (!(place instanceof HTMLElement)) return;
  const field = ask(place, "", (name) => {
    attempt(() => post("/folders/", { name, parent: url.searchParams.get("parent") ?? "" }));
  }, item?.querySelector("summary") ?? null);
  field.maxLength = 60;
  field.ariaLabel = field.placeholder = "Name of the new folder";
}

/** @param {Sidebar} sidebar @param {HTMLElement} part */
function remove(sidebar, part) {
  const row = /** @type {HTMLElement} */ (part.closest(".row"));
  const conversation = /** @type {HTMLElement} */ (document.querySelector("chat-conversation"));
  const isCurrent = conversation.dataset.conversation === row.dataset.conversation;
  conversation.toggleAttribute("data-leaving", isCurrent);
  const key = row.closest("section")?.dataset.group ?? "";
  const folder = /** @type {HTMLElement | null} */ (row.closest(".folder"))?.dataset.folder;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  next?.querySelector("a")?.focus();
  row.remove();
  const deed = async () => {
    const response = await post(part.getAttribute("formaction") ?? "");
    if (!isCurrent) return heed(response);
    const { text, undo } = await response.json();
    toastOnNextPage(text, undo);
    location.assign("/");
  };
  attempt(deed, () => {
    conversation.removeAttribute("data-leaving");
    sidebar.insert(row, folder ? `folder-${folder}` : key);
  });
}
