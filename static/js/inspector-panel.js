/** Opens and closes the inspector: beside the conversation where there is room, else as a sheet over it. */
import "inspector";
import { remember } from "main";

const BESIDE = matchMedia("(min-width: 64.01rem)");
const frame = /** @type {HTMLElement} */ (document.querySelector(".frame"));
const panel = /** @type {HTMLElement} */ (document.getElementById("inspector"));
const inspector = /** @type {import("inspector").ChatInspector} */ (panel.querySelector("chat-inspector"));

inspector.addEventListener("wanted", () => open());
inspector.addEventListener("click", (event) => {
  const example = event.target instanceof Element ? event.target.closest("[data-example]") : null;
  if (example instanceof HTMLElement) tryOut(example.dataset.example ?? "");
});
panel.addEventListener("toggle", () => show());
BESIDE.addEventListener("change", () => show());

function isOpen() {
  return BESIDE.matches ? frame.dataset.inspector === "open" : panel.matches(":popover-open");
}

/** @param {string} state */
function setBeside(state) {
  frame.dataset.inspector = state;
  remember("inspector", state);
}

export async function open() {
  if (BESIDE.matches) setBeside("open");
  else if (!panel.matches(":popover-open")) panel.showPopover();
  await show();
}

export function close() {
  const hadFocus = panel.contains(document.activeElement);
  if (BESIDE.matches) setBeside("closed");
  else panel.hidePopover();
  show();
  if (hadFocus) button()?.focus();
}

/** Open it and go in, or close it and go back. */
export async function toggle() {
  if (isOpen()) return close();
  await open();
  /** @type {HTMLElement | null} */ (panel.querySelector('[role="tab"][aria-selected="true"]'))?.focus({ preventScroll: true });
}

/** Values have to come along to another model though nobody looks. */
export const switchModel = () => inspector.switchModel();

/** Load what is shown, and say on the button whether it is. */
export async function show() {
  button()?.setAttribute("aria-expanded", String(isOpen()));
  if (!isOpen()) return;
  await style();
  await inspector.load();
}

function button() {
  return /** @type {HTMLElement | null} */ (document.querySelector(".topbar__inspector"));
}

/** The sheet of style, once. @returns {Promise<unknown>} */
function style() {
  const known = document.querySelector("link[data-inspector]");
  if (known) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = inspector.dataset.sheet ?? "";
  link.dataset.inspector = "";
  return new Promise((resolve) => {
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
}

/** Put an example into the composer. @param {string} text */
function tryOut(text) {
  const field = document.getElementById("composer-text");
  if (!(field instanceof HTMLTextAreaElement)) return;
  if (!BESIDE.matches) close();
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  field.focus();
}
