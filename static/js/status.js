/** What the page says beside the conversation: the connection's state, toasts, and words for screen readers. */
import { clone } from "articles";
import { OrderError, socket } from "socket";

const TROUBLE_SHOWN_AFTER = 1_500;
const TOAST_SECONDS = 8;
const SPEAK_EVERY = 5_000;

/** Show a toast; with `undo` it carries the button Undo. Stays while pointed at or focused.
 * @param {string} text @param {{undo?: () => void, seconds?: number, gone?: () => void}} [options] */
export function toast(text, { undo, seconds = TOAST_SECONDS, gone } = {}) {
  const place = /** @type {HTMLElement | null} */ (document.querySelector("chat-toasts"));
  const item = clone("template-toast");
  if (!place || !item) return;
  const button = /** @type {HTMLElement | null} */ (item.querySelector('[data-action="undo"]'));
  item.querySelector(".toast__text")?.replaceChildren(text);
  if (button) button.hidden = !undo;
  let timer = 0;
  const close = (/** @type {(() => void) | undefined} */ then) => {
    clearTimeout(timer);
    item.remove();
    if (!place.childElementCount) place.popover = null;
    then?.();
  };
  const start = () => (timer = setTimeout(() => close(gone), seconds * 1000));
  const hold = () => clearTimeout(timer);
  item.addEventListener("pointerenter", hold);
  item.addEventListener("focusin", hold);
  item.addEventListener("pointerleave", start);
  item.addEventListener("focusout", start);
  item.addEventListener("click", (event) => {
    const clicked = event.target instanceof Element ? event.target.closest("[data-action]") : null;
    const action = clicked?.getAttribute("data-action");
    if (action === "undo") close(undo);
    else if (action === "dismiss") close(gone);
  });
  place.append(item);
  raise(place);
  start();
}

/** Put it above everything that is open, as the sidebar on a phone. @param {HTMLElement} place */
function raise(place) {
  place.popover = null;
  place.popover = "manual";
  place.showPopover();
}

/** What opens while a toast is there must not cover its button. @param {Event} event */
function opened(event) {
  const place = /** @type {HTMLElement | null} */ (document.querySelector("chat-toasts"));
  if (!place?.childElementCount || event.target === place || !(event instanceof ToggleEvent)) return;
  if (event.newState === "open" && !place.contains(document.activeElement)) raise(place);
}
document.addEventListener("toggle", opened, true); // it doesn't bubble

/** Post fields as the page's forms would; throws the server's refusal.
 * @param {string} url @param {Record<string, string>} [fields] @param {FormData} [body] of another form */
export async function post(url, fields = {}, body = new FormData(/** @type {any} */ (document.getElementById("order")))) {
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  if (response.ok) return response;
  if (response.status === 401) socket.checkSession();
  const { code, message } = await response.json().catch(() => ({}));
  const why = response.status === 401 ? "You are signed out." : "The server could not do that. Try again.";
  throw new OrderError(code ?? String(response.status), message ?? why);
}

/** Do something that needs the server; say so if it fails.
 * @param {() => Promise<unknown>} deed @param {() => void} [undo] */
export async function attempt(deed, undo) {
  try {
    await deed();
  } catch (error) {
    undo?.();
    toast(error instanceof OrderError ? error.message : "That didn't reach the server. Try again.");
  }
}

/** Say something to screen readers, after what they are saying. @param {string} text */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}

/** Reads a growing answer aloud: whole sentences, at most every 5 s. */
export class Reader {
  #article;
  #at = 0;
  #last = Date.now();

  /** @param {HTMLElement} article */
  constructor(article) {
    this.#article = article;
    this.#at = this.#words().length;
    announce(`${article.querySelector(".message__by")?.textContent?.trim() || "The model"} is answering.`);
  }

  next() {
    if (Date.now() - this.#last < SPEAK_EVERY) return;
    const fresh = this.#words().slice(this.#at);
    const end = Math.max(...[". ", "! ", "? ", ".\n", "。", "\n"].map((mark) => fresh.lastIndexOf(mark)));
    if (end < 1) return;
    this.#last = Date.now();
    this.#at += end + 1;
    announce(fresh.slice(0, end + 1));
  }

  /** @param {string} status of the answer @param {string} [more] what is to be done now */
  end(status, more = "") {
    const rest = this.#words().slice(this.#at).trim();
    const word = status === "complete" ? "Answer complete." : `Answer ${status}.`;
    announce(`${rest} ${word} ${more}`.trim());
  }

  /** The answer as it would be read; code is only named. */
  #words() {
    const blocks = [...(this.#article.querySelector(".message__body")?.children ?? [])];
    return blocks.map((block) => (block.matches("figure") ? "Code block." : block.textContent)).join("\n");
  }
}

/** The line about the connection. */
class ChatStatus extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    socket.on("state", () => this.#changed());
    addEventListener("offline", () => this.#changed());
    addEventListener("online", () => this.#changed());
    this.#changed();
  }

  #changed() {
    clearTimeout(this.#timer);
    if (socket.state === "open") this.#show("");
    else if (socket.state === "signed-out") this.#show("You are signed out. What you wrote is kept.", "Sign in");
    else if (socket.state === "refused") this.#show("This address isn't the one the site is set up for.", "Reload");
    else this.#timer = setTimeout(() => this.#showTrouble(), TROUBLE_SHOWN_AFTER);
  }

  #showTrouble() {
    this.#show(navigator.onLine ? "Reconnecting…" : "Offline. What you send goes out on return.");
  }

  /** @param {string} text empty: nothing to say @param {string} [way] of a link that loads the page again */
  #show(text, way) {
    const line = /** @type {HTMLElement} */ (this.querySelector(".status"));
    const isWaiting = socket.state === "away" || socket.state === "connecting";
    line.hidden = !text;
    line.textContent = text;
    line.classList.toggle("status--waiting", isWaiting && navigator.onLine);
    line.classList.toggle("status--offline", !isWaiting || !navigator.onLine);
    if (!way) return;
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = way;
    line.append(" ", link);
  }
}

customElements.define("chat-status", ChatStatus);

/** Show a toast after going to another page. @param {string} text @param {string} [restore] where Undo posts to */
export function toastOnNextPage(text, restore) {
  sessionStorage.setItem("toast", JSON.stringify({ text, restore, at: Date.now() }));
}

/** Show what the page before left to be shown. @param {(undo: string, response: Response) => void} [undone] */
export function showKeptToast(undone = goBack) {
  const { text, restore, at } = JSON.parse(sessionStorage.getItem("toast") ?? "{}");
  sessionStorage.removeItem("toast");
  if (text && Date.now() - at < TOAST_SECONDS * 1000) offer(text, restore, undone);
}

/** To the conversation that was brought back. @param {string} undo @param {Response} response */
function goBack(undo, { status }) {
  if (status === 204 && undo.endsWith("/restore/")) location.assign(undo.replace(/restore\/$/, ""));
}

/** Show what the reply to a post says: `{text, undo}`, where `undo` is the address that takes it back.
 * @param {Response} response @param {(undo: string, response: Response) => void} [undone] */
export async function heed(response, undone) {
  if (response.status === 204) return;
  const { text, undo } = await response.json();
  if (text) offer(text, undo, undone);
}

/** @param {string} text @param {string | undefined} undo @param {(undo: string, response: Response) => void} [undone] */
function offer(text, undo, undone) {
  const back = (/** @type {string} */ url) => attempt(async () => {
    const response = await post(url);
    undone?.(url, response);
  });
  toast(text, { undo: undo ? () => back(undo) : undefined });
}

/** Remember something in this browser. Storage may be full or switched off: nothing is kept then.
 * @param {string} key @param {string} [value] */
export function store(key, value) {
  try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch {}
}

/** @param {string} key */
export function stored(key) {
  try { return localStorage.getItem(key) ?? ""; } catch { return ""; }
}
