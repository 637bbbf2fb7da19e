/** The start of every page with a conversation: its elements, the keyboard, the theme, and then the connection. */
import "conversation";
import "picker";
import "sidebar";
import { copyCode, copyMessage } from "messages";
import { socket } from "socket";
import { attempt, heed, post, showKeptToast } from "status";

const YEAR = 365 * 86_400;
const LONG_PRESS = 500; // ms

/** @typedef {import("conversation").ChatConversation} Conversation */

/** @template {Element} T @param {string} selector @returns {T | undefined} */
const last = (selector) => /** @type {T | undefined} */ ([...document.querySelectorAll(selector)].at(-1));

/** Keep something for the server to see when it renders the next page. @param {string} name @param {string} value */
export function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

function toggleSidebar() {
  const frame = /** @type {HTMLElement} */ (document.querySelector(".frame"));
  const sidebar = /** @type {HTMLElement} */ (document.getElementById("sidebar"));
  if (matchMedia("(max-width: 48rem)").matches) {
    sidebar.togglePopover();
    return;
  }
  const hadFocus = document.activeElement?.matches('[data-action="toggle-sidebar"]');
  frame.dataset.sidebar = frame.dataset.sidebar === "closed" ? "open" : "closed";
  remember("sidebar", frame.dataset.sidebar);
  const buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[data-action="toggle-sidebar"]')]);
  if (hadFocus) buttons.find((button) => button.checkVisibility())?.focus();
}

/** It comes when it is first used. @param {(panel: typeof import("inspector-panel")) => unknown} deed */
const inspector = (deed) => attempt(async () => deed(await import("inspector-panel")));
const toggleInspector = () => document.getElementById("inspector") && inspector((panel) => panel.toggle());

/** Search comes when it is first used. @param {string} module @param {string} [deed] @param {string} [given] */
const search = (module, deed = "open", given) => attempt(async () => (await import(module))[deed](given));

/** @param {HTMLElement} button */
function chooseTheme(button) {
  const theme = button.getAttribute("value") ?? "system";
  document.documentElement.dataset.theme = theme;
  for (const each of document.querySelectorAll('[data-action="theme"]')) each.ariaChecked = String(each === button);
  attempt(() => post(button.getAttribute("formaction") ?? "", { theme }));
}

function showShortcuts() {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("shortcuts"));
  if (dialog && !dialog.open) dialog.showModal();
}

/** What a button of the form `order` would post, without leaving the page; the reply may say something and offer Undo.
 * @param {HTMLElement} button */
function postOrder(button) {
  const name = button.getAttribute("name");
  const fields = name ? { [name]: button.getAttribute("value") ?? "" } : {};
  attempt(async () => heed(await post(button.getAttribute("formaction") ?? "", fields)));
}

/** @type {Record<string, (button: HTMLElement) => void>} */
const ACTIONS = { "toggle-sidebar": toggleSidebar, "toggle-inspector": toggleInspector, theme: chooseTheme, shortcuts: showShortcuts, post: postOrder, people: (link) => attempt(async () => (await import("members")).open(link)), share: (link) => attempt(async () => (await import("share")).open(link)), search: () => search("palette"), find: () => search("find") };

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-action]") : null;
  const action = button instanceof HTMLElement ? ACTIONS[button.dataset.action ?? ""] : undefined;
  if (!action || !(button instanceof HTMLElement)) return;
  event.preventDefault();
  /** @type {HTMLElement | null} */ (button.closest(".menu"))?.hidePopover();
  action(button);
});

/** @param {number} step */
function goBetweenMessages(step) {
  const articles = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".log__column > article")]);
  const here = document.activeElement?.closest("article");
  const top = document.querySelector(".log")?.getBoundingClientRect().top ?? 0;
  const inView = articles.findIndex((article) => article.getBoundingClientRect().bottom > top + 1);
  const at = here ? articles.indexOf(/** @type {HTMLElement} */ (here)) + step : inView;
  const article = articles[Math.min(Math.max(at, 0), articles.length - 1)];
  article?.focus({ preventScroll: true });
  article?.scrollIntoView({ block: "start" });
}

/** With Ctrl, or Cmd on a Mac. @type {Record<string, () => void>} */
const WITH_CONTROL = {
  "shift+o": () => /** @type {HTMLElement | null} */ (document.querySelector('[data-action="new"]'))?.click(),
  "shift+c": () => copyMessage(last('article[data-role="assistant"]')),
  "shift+;": () => copyCode(last("figure.code")),
  "shift+:": () => copyCode(last("figure.code")),
  k: () => search("palette"), "shift+f": () => search("find"),
  b: toggleSidebar,
  i: toggleInspector,
};

/** Where nothing is written. @type {Record<string, () => void>} */
const PLAIN = {
  "/": () => document.getElementById("composer-text")?.focus(),
  "?": showShortcuts,
};

/** Inside the log. @type {Record<string, () => void>} */
const IN_LOG = { j: () => goBetweenMessages(1), k: () => goBetweenMessages(-1) };

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const target = /** @type {Element} */ (event.target);
  const key = event.key.toLowerCase();
  const isWriting = target.matches("input, textarea, select");
  let deed;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) deed = WITH_CONTROL[(event.shiftKey ? "shift+" : "") + key];
  else if (!isWriting && !event.altKey) deed = PLAIN[key] ?? (target.closest(".log") ? IN_LOG[key] : undefined);
  if (key === "escape" && !document.querySelector(":popover-open:not(.toasts)")) deed = stop;
  if (!deed) return;
  event.preventDefault();
  deed();
});

function stop() {
  /** @type {Conversation | null} */ (document.querySelector("chat-conversation"))?.orders.stop();
}

// menus: arrows between the items, the first one focused when it opens
document.addEventListener("toggle", (event) => {
  const menu = /** @type {Element} */ (event.target);
  const first = menu.matches(".menu") ? menu.querySelector('[role^="menuitem"]') : null;
  if (event.newState === "open" && first instanceof HTMLElement) first.focus();
}, { capture: true });

document.addEventListener("keydown", (event) => {
  const menu = /** @type {Element} */ (event.target).closest(".menu");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('[role^="menuitem"]')]);
  event.preventDefault();
  items.at((items.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step) % items.length)?.focus();
});

let press = new AbortController();

/** A long press on a row opens its menu; again when the finger is lifted, for that closes it. */
document.addEventListener("pointerdown", (event) => {
  const row = event.target instanceof Element ? event.target.closest(".row") : null;
  const menu = /** @type {any} */ (row?.querySelector(".menu"));
  if (!menu || event.pointerType === "mouse") return;
  press.abort();
  press = new AbortController();
  const { signal } = press;
  const listen = (/** @type {string} */ type, /** @type {(event: Event) => void} */ listener) =>
    document.addEventListener(type, listener, { capture: true, signal });
  let isLong = false;
  const open = () => {
    isLong = true;
    if (!menu.matches(":popover-open")) menu.showPopover({ source: row?.querySelector(".row__menu") });
  };
  const timer = setTimeout(open, LONG_PRESS);
  const lifted = () => {
    clearTimeout(timer);
    if (isLong) setTimeout(open);
    else press.abort();
  };
  listen("pointerup", lifted);
  listen("pointercancel", lifted);
  listen("contextmenu", (opening) => opening.preventDefault());
  listen("click", (click) => {
    click.preventDefault();
    press.abort();
  });
});

// one that was left open, or values that have to come along to the model just chosen
const isLeftOpen = document.querySelector('.frame[data-inspector="open"]') && matchMedia("(min-width: 64.01rem)").matches;
if (isLeftOpen) requestAnimationFrame(() => setTimeout(() => inspector((panel) => panel.show())));
document.addEventListener("model-chosen", () => {
  const isLoaded = document.querySelector("chat-inspector:defined");
  if (!isLoaded && document.querySelector("[data-has-values]")) inspector((panel) => panel.switchModel());
});

if (/[?&](q|find)=/.test(location.search)) search("find", "arrive", location.search); // from a hit
/** The gauge comes when half of what the model reads may be taken. */
function weigh() {
  const window = Number(/** @type {HTMLElement} */ (last('#picker [aria-selected="true"]'))?.dataset.window);
  const read = Number(/** @type {HTMLElement} */ (last("[data-tokens]"))?.dataset.tokens ?? 0);
  const text = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("composer-text"))?.value ?? "";
  if (window && read + text.length / 2 > window / 2) import("gauge").catch(() => {}); // it is no loss without it
}
for (const type of ["input", "model-chosen"]) document.addEventListener(type, weigh);
socket.on("generation.finished", () => requestAnimationFrame(weigh));
requestAnimationFrame(() => setTimeout(weigh));

remember("tz", Intl.DateTimeFormat().resolvedOptions().timeZone);
showKeptToast();
for (const type of ["online", "pageshow", "resume", "visibilitychange"]) {
  addEventListener(type, () => document.hidden || socket.wake(), { capture: true });
}
socket.start(document.body.dataset.socket ?? "/ws/");
