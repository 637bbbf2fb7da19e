/** Sharing: the dialog of a conversation, loaded when it is first opened, and the buttons of pages with links. */
import { fragment } from "articles";
import { announce, attempt, toast } from "status";

/** Show the dialog of a conversation. @param {HTMLElement} opener a link to its page */
export async function open(opener) {
  const href = opener.getAttribute("href") ?? "";
  const here = document.querySelector("chat-conversation")?.getAttribute("data-conversation");
  const response = await fetch(`${href.startsWith("/") ? href : `/conversations/${here}/share/`}?fragment=1`);
  if (!response.ok || response.redirected) return toast("This can't be loaded now. Try again.");
  const dialog = fragment(await response.text()).querySelector("dialog");
  if (!dialog) throw new Error("no dialog came");
  await style(dialog.dataset.sheet ?? "");
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target === dialog || target.closest('[data-action="close-share"]')) dialog.close();
  });
  dialog.addEventListener("submit", (event) => submitted(dialog, event));
  dialog.addEventListener("close", () => {
    dialog.remove();
    const row = opener.closest(".row")?.querySelector(".row__menu");
    /** @type {HTMLElement} */ (row ?? opener).focus();
  });
  dialog.showModal();
}

/** The sheet of style, once. @param {string} href @returns {Promise<unknown>} */
function style(href) {
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve, onerror: resolve });
    document.head.append(link);
  });
}

/** Forms of the dialog are sent without leaving the page. @param {HTMLDialogElement} dialog @param {SubmitEvent} event */
function submitted(dialog, event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.dataset.share) return;
  event.preventDefault();
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (button) button.disabled = true; // until the dialog's content is made anew
  const deed = form.dataset.share === "create" ? create : revoke;
  attempt(() => deed(dialog, form)).finally(() => button && (button.disabled = false));
}

/** @param {HTMLDialogElement} dialog @param {HTMLFormElement} form */
async function create(dialog, form) {
  const body = new FormData(form);
  body.set("fragment", "1");
  const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
  show(dialog, await response.text());
  const wrong = /** @type {HTMLElement | null} */ (dialog.querySelector('[aria-invalid="true"]'));
  const why = dialog.querySelector(".share__error");
  const made = /** @type {HTMLInputElement | null} */ (dialog.querySelector(".share__made input"));
  if (why) say(dialog, why.textContent ?? "");
  else if (made) say(dialog, "The link is made.");
  dialog.querySelector(".share-dialog__body")?.scrollTo(0, 0);
  (wrong ?? made)?.focus();
  made?.select();
}

/** @param {HTMLDialogElement} dialog @param {HTMLFormElement} form */
async function revoke(dialog, form) {
  const body = new FormData(form);
  const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!response.ok) return say(dialog, "The server could not do that. Try again.");
  const fresh = await fetch(`${dialog.dataset.url}?fragment=1`);
  if (fresh.ok && !fresh.redirected) show(dialog, await fresh.text());
  say(dialog, "The link opens no more.");
  /** @type {HTMLElement | null} */ (dialog.querySelector('[data-action="close-share"]'))?.focus();
}

/** @param {HTMLDialogElement} dialog @param {string} html */
function show(dialog, html) {
  const content = fragment(html).querySelector(".share");
  if (!content) throw new Error("no content came");
  dialog.querySelector(".share")?.replaceWith(content);
}

/** What is behind an open dialog can't be heard, so it has a line of its own. @param {Element | null} dialog @param {string} text */
function say(dialog, text) {
  const line = dialog?.querySelector(":scope > [role=status]");
  if (line) line.textContent = text;
  else announce(text);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-action="copy-link"]') : null;
  const field = button?.parentElement?.querySelector("input");
  if (!button || !field) return;
  attempt(async () => {
    field.select();
    await copy(field.value);
    button.classList.add("is-done");
    setTimeout(() => button.classList.remove("is-done"), 2000);
    say(button.closest("dialog"), "The address is copied.");
  });
});

/** Browsers hide their clipboard from sites without https; what is selected can be copied everywhere. @param {string} text */
async function copy(text) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else document.execCommand("copy");
}
