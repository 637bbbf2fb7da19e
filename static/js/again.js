/** Another answer with another model or other parameters: the dialog, and leaving out a value that was refused. */
import { fragment } from "articles";
import { clear, fill, follow } from "inspector-values";
import { socket } from "socket";
import { announce, attempt, post, toast } from "status";

/** @typedef {import("conversation").ChatConversation} Conversation */

/** @param {string | undefined} message */
const address = (message) => `/messages/${message}/again/`;

/** Open the dialog for an answer. @param {Conversation} conversation @param {HTMLElement} article */
export async function open(conversation, article) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("again-with"));
  const response = await fetch(`${address(article.dataset.message)}?fragment=1`);
  if (!response.ok || response.redirected) return toast("This can't be loaded now. Try again.");
  await style(dialog);
  show(dialog, await response.text());
  const controller = new AbortController();
  const { signal } = controller;
  dialog.addEventListener("input", (event) => changed(dialog, /** @type {any} */ (event.target)), { signal });
  dialog.addEventListener("click", (event) => clicked(dialog, event), { signal });
  dialog.addEventListener("submit", (event) => submitted(conversation, dialog, event), { signal });
  dialog.addEventListener("close", () => closed(dialog, controller, article), { signal });
  dialog.showModal();
  /** @type {HTMLElement | null} */ (dialog.querySelector("select"))?.focus();
}

/** Ask again without a value that the provider refused. @param {HTMLElement} button */
export async function without(button) {
  const name = button.getAttribute("value") ?? "";
  const { message } = /** @type {HTMLElement} */ (button.closest("article")).dataset;
  await post(address(message), { without: name });
  const row = document.querySelector(`chat-inspector .param[data-name="${CSS.escape(name)}"]`);
  if (row) clear(row);
}

/** @param {HTMLDialogElement} dialog @param {AbortController} controller @param {HTMLElement} article */
function closed(dialog, controller, article) {
  controller.abort();
  dialog.querySelector(".again")?.remove();
  if (article.isConnected) article.focus({ preventScroll: true });
}

/** @param {HTMLDialogElement} dialog @param {string} html */
function show(dialog, html) {
  const form = fragment(html).querySelector("form");
  const body = dialog.querySelector(".again-dialog__body");
  if (!form || !body) throw new Error("no form came");
  const isOpen = dialog.querySelector("details.more")?.hasAttribute("open");
  if (isOpen) form.querySelector("details.more")?.setAttribute("open", "");
  body.replaceChildren(form);
}

/** The sheets of style, once each. @param {HTMLElement} dialog @returns {Promise<unknown>} */
function style(dialog) {
  const sheets = (dialog.dataset.sheets ?? "").split(" ").filter((href) => !document.querySelector(`link[href="${CSS.escape(href)}"]`));
  return Promise.all(sheets.map((href) => new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve, onerror: resolve });
    document.head.append(link);
  })));
}

/** @param {HTMLDialogElement} dialog @param {HTMLInputElement & HTMLSelectElement} field */
function changed(dialog, field) {
  if (field.dataset.template) fill(field);
  else follow(field);
  if (!field.hasAttribute("data-look")) {
    field.closest(".param")?.querySelector(".param__reset")?.removeAttribute("hidden");
    return;
  }
  const way = field.id ? `#${field.id}` : `[name="${field.name}"][value="${CSS.escape(field.value)}"]`;
  attempt(async () => {
    show(dialog, await (await send(dialog, { look: "1" })).text());
    /** @type {HTMLElement | null} */ (dialog.querySelector(way))?.focus();
    const said = dialog.querySelector(".again__says")?.textContent?.replace(/\s+/g, " ").trim();
    if (said) announce(said);
  });
}

/** @param {HTMLDialogElement} dialog @param {MouseEvent} event */
function clicked(dialog, event) {
  const target = event.target instanceof Element ? event.target.closest("[data-action='close-again']") : null;
  if (!target && event.target !== dialog) return;
  event.preventDefault();
  dialog.close();
}

/** @param {HTMLDialogElement} dialog @param {Record<string, string>} fields @param {string} [accept] */
function send(dialog, fields, accept = "text/html") {
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
  const body = new FormData(form);
  for (const [name, value] of Object.entries({ fragment: "1", ...fields })) body.set(name, value);
  return fetch(form.action, { method: "POST", body, headers: { Accept: accept } });
}

/** @param {Conversation} conversation @param {HTMLDialogElement} dialog @param {SubmitEvent} event */
function submitted(conversation, dialog, event) {
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  event.preventDefault();
  if (button?.dataset.deed === "reset") {
    const row = button.closest(".param");
    if (row) clear(row);
    button.hidden = true;
    /** @type {HTMLElement | null | undefined} */ (row?.querySelector("input:not([data-slider]), select, textarea"))?.focus();
  } else attempt(() => ask(conversation, dialog));
}

/** @param {Conversation} conversation @param {HTMLDialogElement} dialog */
async function ask(conversation, dialog) {
  const response = await send(dialog, {}, "application/json");
  if (response.headers.get("Content-Type")?.startsWith("text/html")) {
    show(dialog, await response.text());
    const wrong = /** @type {HTMLElement | null} */ (dialog.querySelector('[aria-invalid="true"]'));
    wrong?.closest("details")?.setAttribute("open", "");
    wrong?.focus();
    const why = dialog.querySelector(".param__error, .left-out");
    if (why) announce(why.textContent?.replace(/\s+/g, " ").trim() ?? "");
    return;
  }
  const { answer, message } = await response.json();
  if (!answer) return toast(message ?? "The server could not do that. Try again.");
  dialog.close();
  if (socket.state !== "open") await conversation.refresh();
  conversation.composer?.field.focus({ preventScroll: true });
}
