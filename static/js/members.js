/** Shared conversations: who is here, who is writing, and the dialog People. Loaded when it is first needed. */
import { fragment } from "articles";
import { OrderError, socket } from "socket";
import { announce, post, toast, toastOnNextPage } from "status";

/** @typedef {import("conversation").ChatConversation} Conversation */

const TYPED_EVERY = 3_000;
const TYPING_FOR = 6_000;
const SEARCH_AFTER = 150;

/** @type {Conversation | null} */ let shared = null; // the open conversation, once it was heard that it is shared
/** @type {Map<number, {name: string, timer: number}>} */
const writers = new Map();
let typedAt = 0;

/** What the server says about the people of the open conversation. @param {Conversation} conversation @param {any} frame */
export function heard(conversation, frame) {
  if (!shared) listen((shared = conversation));
  if (frame.type === "members.changed") changed(conversation, frame);
  else if (frame.type === "presence.changed") showPresent(frame.html);
  else writes(frame);
}

/** @param {Conversation} conversation */
function listen(conversation) {
  document.addEventListener("input", (event) => {
    const field = /** @type {HTMLTextAreaElement} */ (event.target);
    if (field.matches("#composer-text, .edit textarea") && field.value.trim()) sayTyping(conversation);
  });
  conversation.on("message.added", ({ beside }) => {
    for (const user of [...writers.keys()]) stops(user);
    if (beside !== undefined) {
      toast(`${beside || "Somebody"} wrote in the same place. Yours is kept: the arrows under the message lead to it.`);
    }
  });
  socket.on("state", () => socket.state === "open" || showPresent(""));
}

/** @param {Conversation} conversation */
function sayTyping(conversation) {
  if (!("mayEdit" in conversation.dataset) || Date.now() - typedAt < TYPED_EVERY) return;
  typedAt = Date.now();
  socket.tell({ type: "presence.typing", conversation: conversation.uuid });
}

/** Rights are shown by the page as a whole: where they differ it is loaded again, what is written is kept.
 * @param {Conversation} conversation @param {{may_edit: boolean, is_shared: boolean}} frame */
async function changed(conversation, { may_edit: mayEdit, is_shared: isShared }) {
  const { dataset } = conversation;
  const couldEdit = dataset.mayEdit !== "";
  if (mayEdit !== couldEdit) {
    toastOnNextPage(mayEdit ? "You can write in this conversation now." : "You can only read this conversation now.");
    location.reload();
  } else if (isShared === "mayEdit" in dataset) return;
  else if (isShared) {
    dataset.mayEdit = "1";
    await style(/** @type {HTMLElement | null} */ (document.querySelector(".topbar__present"))?.dataset.sheet ?? "");
    document.querySelector('.topbar [data-action="people"]')?.classList.remove("only-desk");
    conversation.refresh(); // with names above the messages, and then among the present
  } else {
    delete dataset.mayEdit;
    showPresent("");
    conversation.refresh();
  }
}

/** @param {string} html */
function showPresent(html) {
  document.querySelector(".topbar__present")?.replaceChildren(...fragment(html).children);
}

/** @param {{user: number, name: string}} frame */
function writes({ user, name }) {
  clearTimeout(writers.get(user)?.timer);
  writers.set(user, { name, timer: setTimeout(() => stops(user), TYPING_FOR) });
  showWriters();
}

/** @param {number} user */
function stops(user) {
  clearTimeout(writers.get(user)?.timer);
  writers.delete(user);
  showWriters();
}

function showWriters() {
  const dock = document.querySelector(".dock");
  const line = dock?.querySelector(".writers") ?? document.createElement("p");
  const place = () => document.createElement("bdi");
  const names = [...writers.values()].map(({ name }) => Object.assign(place(), { textContent: name }));
  line.className = "writers";
  if (!names.length) line.remove();
  else if (names.length === 1) line.replaceChildren(names[0], " is writing…");
  else if (names.length === 2) line.replaceChildren(names[0], " and ", names[1], " are writing…");
  else line.replaceChildren("Several people are writing…");
  if (names.length) dock?.append(line);
}

/** A sheet of style, once. @param {string} href @returns {Promise<unknown>} */
function style(href) {
  if (!href || document.querySelector(`link[href="${CSS.escape(href)}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve) => (link.onload = link.onerror = resolve));
}

/** Open the dialog of a conversation. @param {HTMLElement} link to its page */
export async function open(link) {
  const url = link.getAttribute("href") ?? link.dataset.href ?? "";
  const dialog = await fetchDialog(url);
  if (!dialog) return toast("This can't be loaded now. Try again.");
  await style(dialog.dataset.sheet ?? "");
  document.body.append(dialog);
  let timer = 0;
  dialog.addEventListener("input", (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    clearTimeout(timer);
    if (field.name === "q") timer = setTimeout(() => find(dialog, url, field), SEARCH_AFTER);
  });
  dialog.addEventListener("change", (event) => {
    const field = /** @type {HTMLSelectElement} */ (event.target);
    if (field.form?.dataset.deed === "role") field.form.requestSubmit();
  });
  dialog.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target === dialog || target.closest("[data-close]")) dialog.close();
  });
  dialog.addEventListener("submit", (event) => submitted(dialog, url, event));
  dialog.addEventListener("close", () => {
    dialog.remove();
    const opener = link.checkVisibility() ? link : link.closest(".row")?.querySelector(".row__menu");
    /** @type {HTMLElement | null | undefined} */ (opener)?.focus();
  });
  dialog.showModal();
  /** @type {HTMLElement | null} */ (dialog.querySelector('[name="q"]'))?.focus();
}

/** @param {string} url @param {string} [words] @returns {Promise<HTMLDialogElement | null>} */
async function fetchDialog(url, words = "") {
  const response = await fetch(`${url}?${new URLSearchParams({ fragment: "1", q: words })}`).catch(() => null);
  if (!response?.ok || response.redirected) return null;
  return fragment(await response.text()).querySelector("dialog");
}

/** @param {HTMLDialogElement} dialog @param {string} url @param {HTMLInputElement} field */
async function find(dialog, url, field) {
  const words = field.value;
  const fresh = await fetchDialog(url, words);
  const found = fresh?.querySelector(".people__found");
  if (found && field.value === words) dialog.querySelector(".people__found")?.replaceChildren(...found.children);
}

/** @param {HTMLDialogElement} dialog @param {string} url @param {SubmitEvent} event */
async function submitted(dialog, url, event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  event.preventDefault();
  if (!form.dataset.deed) return; // the search goes on by itself
  const fields = Object.fromEntries(new FormData(form, event.submitter));
  try {
    const { text, url: target } = await (await post(form.action, /** @type {any} */ (fields))).json();
    if (form.dataset.deed === "leave") return left(dialog, text, target);
    await renew(dialog, url);
    say(dialog, text);
  } catch (error) {
    say(dialog, error instanceof OrderError ? error.message : "That didn't reach the server. Try again.");
  }
}

/** The lists anew, with the focus where it was. @param {HTMLDialogElement} dialog @param {string} url */
async function renew(dialog, url) {
  const role = /** @type {HTMLSelectElement | null} */ (dialog.querySelector("#people-invite select"))?.value;
  const member = document.activeElement?.closest("[data-member]")?.getAttribute("data-member");
  const panel = (await fetchDialog(url))?.querySelector(".people-panel");
  if (!panel) return;
  dialog.querySelector(".people-panel")?.replaceWith(panel);
  const select = /** @type {HTMLSelectElement | null} */ (panel.querySelector("#people-invite select"));
  if (select && role) select.value = role;
  const again = panel.querySelector(`[data-member="${member}"] select`) ?? panel.querySelector('[name="q"]');
  /** @type {HTMLElement | null} */ (again ?? dialog.querySelector("[data-close]"))?.focus();
}

/** @param {HTMLDialogElement} dialog @param {string} text @param {string} home */
function left(dialog, text, home) {
  const conversation = document.querySelector("chat-conversation");
  dialog.close();
  if (conversation?.getAttribute("data-conversation") !== dialog.dataset.conversation) return toast(text);
  conversation?.setAttribute("data-leaving", "");
  toastOnNextPage(text);
  location.assign(home);
}

/** @param {HTMLDialogElement} dialog @param {string} text */
function say(dialog, text) {
  dialog.querySelector(".people__said")?.replaceChildren(text);
  announce(text);
}
