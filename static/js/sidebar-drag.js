/** Dragging conversations and folders: onto a folder, or onto the list to take them out of one. */
import { attempt, heed, post } from "status";
import { style } from "sidebar-deeds";

const OPEN_AFTER = 700; // ms over a closed folder

/** @typedef {import("sidebar").ChatSidebar} Sidebar */

/** What is dragged. @type {HTMLElement | null} */ let dragged = null;
/** @type {Element | null} */ let target = null;
let timer = 0;

/** @param {Sidebar} sidebar @param {DragEvent} first the one that brought this module */
export function begin(sidebar, first) {
  style(sidebar);
  sidebar.list.addEventListener("dragstart", started);
  sidebar.list.addEventListener("dragover", (event) => over(event));
  sidebar.list.addEventListener("dragleave", (event) => event.target === target && mark(null));
  sidebar.list.addEventListener("drop", (event) => dropped(event));
  sidebar.list.addEventListener("dragend", () => ended());
  started(first);
}

/** @param {DragEvent} event */
function started(event) {
  const from = event.target instanceof Element ? event.target.closest(".entry, summary") : null;
  const item = from?.closest(".row, .folder");
  dragged = item instanceof HTMLElement && !item.closest(".sidebar__shared") ? item : null;
}

/** Where it would land: the head of a folder, or the list; null where it can't or is already. @param {DragEvent} event */
function landing(event) {
  if (!dragged || !(event.target instanceof Element)) return null;
  const folder = event.target.closest(".folder");
  const home = dragged.parentElement?.closest(".folder") ?? null;
  if (folder && dragged.contains(folder)) return null;
  if (!folder) return home ? event.target.closest(".sidebar__list") : null;
  return folder === home ? null : folder.querySelector("summary");
}

/** @param {DragEvent} event */
function over(event) {
  const place = landing(event);
  if (place) event.preventDefault();
  if (event.dataTransfer) event.dataTransfer.dropEffect = place ? "move" : "none";
  mark(place);
}

/** @param {Element | null} place */
function mark(place) {
  if (place === target) return;
  clearTimeout(timer);
  target?.classList.remove("is-target");
  place?.classList.add("is-target");
  target = place;
  const fold = place?.matches("summary") ? /** @type {HTMLDetailsElement} */ (place.parentElement) : null;
  if (fold) timer = setTimeout(() => (fold.open = true), OPEN_AFTER);
}

/** @param {DragEvent} event */
function dropped(event) {
  const place = landing(event);
  const item = dragged;
  ended();
  if (!place || !item) return;
  event.preventDefault();
  const into = /** @type {HTMLElement | null} */ (place.closest(".folder"))?.dataset.folder ?? "";
  const { conversation, folder } = item.dataset;
  attempt(async () => heed(conversation
    ? await post("/archive/change/", { deed: "move", conversation, folder: into })
    : await post(`/folders/${folder}/update/`, { parent: into })));
}

function ended() {
  mark(null);
  dragged = null;
}
