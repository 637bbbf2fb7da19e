/** Keeps the sidebar as the server has it: folders that are opened, what stands above the days, and catching up. */
import { fragment } from "articles";

/** @typedef {import("sidebar").ChatSidebar} Sidebar */

let isStale = false; // the top waits for a menu to be closed

/** @param {string} url @returns {Promise<DocumentFragment | null>} */
async function get(url) {
  const response = await fetch(url).catch(() => null);
  return response?.ok && !response.redirected ? fragment(await response.text()) : null;
}

/** A folder was opened: bring what stands in it. @param {Sidebar} sidebar @param {HTMLElement} fold */
export async function opened(sidebar, fold) {
  const list = fold.querySelector("ul");
  const link = list?.querySelector(":scope > [data-pending] a");
  if (!list || !(link instanceof HTMLElement)) return;
  const inside = await get(link.dataset.next ?? "");
  if (inside && link.isConnected) list.replaceChildren(...fresh(sidebar, inside));
  sidebar.markCurrent();
}

/** The next page of a folder. @param {Sidebar} sidebar @param {HTMLElement} link */
export async function more(sidebar, link) {
  const inside = await get(link.dataset.next ?? "");
  if (!inside) return location.assign(/** @type {HTMLAnchorElement} */ (link).href);
  const item = /** @type {HTMLElement} */ (link.parentElement);
  const first = inside.querySelector("a");
  item.replaceWith(...fresh(sidebar, inside));
  first?.focus();
  sidebar.markCurrent();
}

/** Without rows that stand in the list already. @param {Sidebar} sidebar @param {DocumentFragment} inside */
function fresh(sidebar, inside) {
  const rows = /** @type {HTMLElement[]} */ ([...inside.children]);
  return rows.filter((row) => !row.dataset.conversation || !sidebar.row(row.dataset.conversation));
}

/** Fetch what stands above the days anew, open folders and the reader's place kept. @param {Sidebar} sidebar */
export async function renewTop(sidebar) {
  const answer = await get("/conversations/?part=top");
  const old = sidebar.list.querySelector('[data-part="top"]');
  if (!answer || !old) return;
  if (old.querySelector(":popover-open, form")) return later(sidebar);
  swap(sidebar, old, answer);
}

/** @param {Sidebar} sidebar */
function later(sidebar) {
  if (isStale) return;
  isStale = true;
  const again = () => setTimeout(() => {
    if (sidebar.querySelector(":popover-open, .row__rename")) return;
    isStale = false;
    sidebar.removeEventListener("toggle", again, { capture: true });
    sidebar.removeEventListener("focusout", again);
    renewTop(sidebar);
  });
  sidebar.addEventListener("toggle", again, { capture: true });
  sidebar.addEventListener("focusout", again);
}

/** @param {Sidebar} sidebar @param {Element} old @param {DocumentFragment} answer */
function swap(sidebar, old, answer) {
  const focus = old.contains(document.activeElement) ? document.activeElement : null;
  const { conversation, folder } = /** @type {HTMLElement | undefined} */ (focus?.closest("li"))?.dataset ?? {};
  for (const list of answer.querySelectorAll("details[open] > .folder__inside")) keepLonger(list, old);
  for (const row of answer.querySelectorAll(".row")) { // it may have moved up from the days
    const known = sidebar.row(/** @type {HTMLElement} */ (row).dataset.conversation ?? "");
    if (known && !old.contains(known)) known.remove();
  }
  old.replaceChildren(...answer.childNodes);
  sidebar.markCurrent();
  const item = conversation ? sidebar.row(conversation) : old.querySelector(`li[data-folder="${folder}"]`);
  const part = focus?.matches(".row__menu") ? ":scope > .row__menu" : ".entry, summary";
  /** @type {HTMLElement | null | undefined} */ (item?.querySelector(part))?.focus({ preventScroll: true });
}

/** Rows of a folder that were brought on demand stay. @param {Element} list @param {Element} old */
function keepLonger(list, old) {
  const folder = /** @type {HTMLElement} */ (list.closest("li")).dataset.folder;
  const before = old.querySelector(`[data-folder="${folder}"] > details[open] > ul`);
  const rest = list.querySelector(":scope > .folder__rest");
  const rows = /** @type {HTMLElement[]} */ ([...(before?.querySelectorAll(":scope > .row") ?? [])]);
  const last = /** @type {HTMLElement | undefined} */ ([...list.querySelectorAll(":scope > .row")].at(-1));
  if (!rest || !last) return;
  const older = rows.filter((row) => Number(row.dataset.active) < Number(last.dataset.active));
  if (!older.length) return;
  const more = before?.querySelector(":scope > .folder__rest");
  rest.replaceWith(...older, ...(more ? [more] : []));
}

/** What happened while the connection was away, or to many at once. @param {Sidebar} sidebar */
export async function catchUp(sidebar) {
  const answer = await get("/conversations/");
  if (!answer || sidebar.list.querySelector(":popover-open, .row__rename")) return;
  const days = [...answer.querySelectorAll(".row")].filter((row) => !row.closest('[data-part="top"]'));
  const top = answer.querySelector('[data-part="top"]');
  const old = sidebar.list.querySelector('[data-part="top"]');
  if (top && old) { // first: what went from a folder to the days is in neither then
    const inside = document.createDocumentFragment();
    inside.append(...top.childNodes);
    swap(sidebar, old, inside);
  }
  if (sidebar.pages) await sidebar.pages.renew();
  else {
    for (const row of sidebar.list.querySelectorAll(":scope > section .row")) row.remove();
    addDays(sidebar, days);
  }
  sidebar.markCurrent();
}

/** @param {Sidebar} sidebar @param {Element[]} rows */
function addDays(sidebar, rows) {
  for (const row of rows.reverse()) {
    const { conversation = "" } = /** @type {HTMLElement} */ (row).dataset;
    const section = row.closest("section");
    const key = section?.dataset.group ?? "";
    /** @type {HTMLElement} */ (row).dataset.heading = section?.querySelector("h2")?.textContent ?? "";
    if (!sidebar.row(conversation)) sidebar.insert(/** @type {HTMLElement} */ (row), key);
  }
}
