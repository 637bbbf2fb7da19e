/** The tabs Contents and Branches of the inspector: lists from the server, kept fresh while they are looked at. */
import { fragment } from "articles";
import { fork, saveName } from "more";
import { goTo } from "places";
import { socket } from "socket";
import { attempt, toast } from "status";

/** @typedef {import("inspector").ChatInspector} Inspector */

const PARTS = /** @type {Record<string, string>} */ ({ contents: "contents", branches: "map" });
const FRESH_AFTER = 300; // ms
const CHANGES = ["message.added", "branch.selected", "generation.finished"];

/** @type {Inspector | null} */ let inspector = null;
let timer = 0;
let isWaiting = false; // for the next frame, to mark the current question

/** Show the tab that is chosen. @param {Inspector} shown */
export async function show(shown) {
  if (!inspector) watch((inspector = shown));
  const panel = inspector.querySelector(`#panel-${inspector.tab}`);
  if (!(panel instanceof HTMLElement) || !PARTS[inspector.tab]) return;
  await style(panel.dataset.sheet ?? "");
  if (!panel.childElementCount) await load(inspector.tab);
  mark();
}

/** @param {Inspector} shown */
function watch(shown) {
  shown.addEventListener("click", clicked);
  shown.addEventListener("keydown", pressed);
  shown.addEventListener("submit", submitted, { capture: true });
  shown.addEventListener("input", filter, { capture: true });
  for (const type of CHANGES) shown.conversation.on(type, freshen);
  shown.conversation.addEventListener("order-accepted", freshen);
  shown.conversation.querySelector(".log")?.addEventListener("scroll", markSoon, { passive: true });
  socket.on("state", freshen);
}

/** What is shown may have changed; what isn't shown is fetched when it is. */
function freshen() {
  for (const tab of Object.keys(PARTS)) if (tab !== inspector?.tab) panelOf(tab)?.replaceChildren();
  clearTimeout(timer);
  timer = setTimeout(() => inspector?.isOpen && PARTS[inspector.tab] && load(inspector.tab), FRESH_AFTER);
}

/** @param {string} tab */
const panelOf = (tab) => /** @type {HTMLElement | null | undefined} */ (inspector?.querySelector(`#panel-${tab}`));

/** @param {string} tab */
async function load(tab) {
  const panel = panelOf(tab);
  const uuid = inspector?.conversation.uuid;
  if (!panel || !uuid) return;
  const response = await fetch(`/conversations/${uuid}/branches/?part=${PARTS[tab]}`).catch(() => null);
  if (!response?.ok || response.redirected) {
    if (!panel.childElementCount) panel.textContent = "This can't be loaded now. Choose the tab again.";
    return;
  }
  const next = fragment(await response.text());
  const isWriting = panel.contains(document.activeElement) && document.activeElement?.matches("input, select");
  if (isWriting) return; // it comes with the next change
  const message = document.activeElement?.closest("[data-message]")?.getAttribute("data-message");
  const hadFocus = panel.contains(document.activeElement);
  const { scrollTop } = panel;
  panel.replaceChildren(next);
  panel.scrollTop = scrollTop;
  const items = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll('[role="treeitem"]')]);
  const here = items.find((item) => item.ariaSelected === "true") ?? items[0];
  const kept = items.find((item) => item.dataset.message === message);
  for (const item of items) item.tabIndex = item === (kept ?? here) ? 0 : -1;
  if (hadFocus) (kept ?? panel.querySelector(`[data-message="${message}"]`) ?? here)?.focus({ preventScroll: true });
  else here?.scrollIntoView({ block: "nearest" });
  mark();
}

/** The sheet of style, once. @param {string} href @returns {Promise<unknown>} */
function style(href) {
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve, onerror: resolve });
    document.head.append(link);
  });
}

/** @param {MouseEvent} event */
function clicked(event) {
  const link = event.target instanceof Element ? event.target.closest("a[data-message]") : null;
  if (!(link instanceof HTMLAnchorElement) || !inspector) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { conversation } = inspector;
  if (!matchMedia("(min-width: 64.01rem)").matches) /** @type {HTMLElement} */ (inspector.closest(".inspector"))?.hidePopover();
  attempt(async () => {
    if (!(await goTo(conversation, link.dataset.message ?? ""))) toast("This message isn't there any more.");
    freshen();
  });
}

/** As in a tree: up and down between the rows, right to what branches off, left to where it comes from.
 * @param {KeyboardEvent} event */
function pressed(event) {
  const row = event.target instanceof Element ? event.target.closest('[role="treeitem"]') : null;
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = /** @type {HTMLElement[]} */ ([...(row.parentElement?.children ?? [])]);
  const at = rows.indexOf(/** @type {HTMLElement} */ (row));
  const level = (/** @type {Element | undefined} */ each) => Number(each?.getAttribute("aria-level"));
  const target = {
    ArrowDown: () => rows[at + 1],
    ArrowUp: () => rows[at - 1],
    ArrowRight: () => (level(rows[at + 1]) > level(row) ? rows[at + 1] : undefined),
    ArrowLeft: () => rows.slice(0, at).findLast((each) => level(each) < level(row)),
    Home: () => rows[0],
    End: () => rows.at(-1),
  }[event.key];
  if (!target) return;
  event.preventDefault();
  const next = target();
  if (!next) return;
  for (const each of rows) each.tabIndex = each === next ? 0 : -1;
  next.focus();
}

/** @param {SubmitEvent} event */
function submitted(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const { conversation } = /** @type {Inspector} */ (inspector);
  if (!form.matches(".map__form")) return;
  event.stopImmediatePropagation(); // the inspector's own form is another
  if (!form.dataset.deed) return;
  event.preventDefault();
  if (form.dataset.deed === "name") {
    /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
    attempt(() => saveName(conversation, form).then(freshen));
  } else attempt(() => fork(form.action, { client_id: String(new FormData(form).get("client_id")) }));
}

/** @param {Event} event */
function filter(event) {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || !field.closest(".contents, .map")) return;
  event.stopImmediatePropagation();
  if (!field.matches(".contents__filter")) return;
  const words = field.value.toLocaleLowerCase().split(/\s+/);
  let count = 0;
  for (const entry of /** @type {NodeListOf<HTMLElement>} */ (inspector?.querySelectorAll(".contents__list > li") ?? [])) {
    const text = entry.textContent?.toLocaleLowerCase() ?? "";
    entry.hidden = !words.every((word) => text.includes(word));
    if (!entry.hidden) count += 1;
  }
  const none = /** @type {HTMLElement | null | undefined} */ (inspector?.querySelector(".contents__none"));
  if (none) none.hidden = count > 0;
}

function markSoon() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    mark();
  });
}

/** Mark the question one is reading below. */
function mark() {
  if (!inspector?.isOpen || inspector.tab !== "contents") return;
  const log = inspector.conversation.querySelector(".log");
  const line = (log?.getBoundingClientRect().top ?? 0) + (log?.clientHeight ?? 0) / 3;
  const asked = [...inspector.conversation.column.querySelectorAll('article[data-role="user"]')];
  const current = asked.findLast((article) => article.getBoundingClientRect().top <= line) ?? asked[0];
  const list = inspector.querySelector(".contents__list");
  const now = list?.querySelector(`[data-message="${current?.getAttribute("data-message")}"]`);
  const before = list?.querySelector("[aria-current]");
  if (now === before) return;
  before?.removeAttribute("aria-current");
  now?.setAttribute("aria-current", "true");
  if (!list?.contains(document.activeElement)) now?.scrollIntoView({ block: before ? "nearest" : "center" });
}
