/** How the inspector shows what the server rendered without taking away the field one is in. */
import { announce } from "status";

/** @typedef {import("inspector").ChatInspector} Inspector */

/** Show one of the tabs. @param {Inspector} inspector @param {string} name */
export function showTab(inspector, name) {
  inspector.tab = name;
  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (inspector.querySelectorAll('[role="tab"]'))) {
    const isShown = tab.dataset.tab === name;
    tab.ariaSelected = String(isShown);
    tab.tabIndex = isShown ? 0 : -1;
    const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
    if (panel) panel.hidden = !isShown;
  }
  if (["contents", "branches"].includes(name)) import("branches").then(({ show }) => show(inspector), () => {});
}

/** Change tabs by pointer and arrow keys. @param {Inspector} inspector @param {() => void} changed */
export function watchTabs(inspector, changed) {
  const tabOf = (/** @type {Event} */ event) =>
    /** @type {HTMLElement | null} */ (event.target instanceof Element ? event.target.closest('[role="tab"]') : null);
  inspector.addEventListener("click", (event) => {
    const tab = tabOf(event);
    if (!tab) return;
    event.preventDefault();
    showTab(inspector, tab.dataset.tab ?? "");
    changed();
  });
  inspector.addEventListener("keydown", (event) => {
    const tab = tabOf(event);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !step) return;
    const tabs = /** @type {HTMLElement[]} */ ([...inspector.querySelectorAll('[role="tab"]')]);
    const next = tabs.at((tabs.indexOf(tab) + step) % tabs.length);
    event.preventDefault();
    next?.click();
    next?.focus();
  });
}

/** Put what came in the place of what is shown; the row with the focus keeps its field, but for the row `fresh`.
 * @param {Inspector} inspector @param {HTMLElement} next @param {string} [fresh] id of a row, or all */
export function merge(inspector, next, fresh) {
  const now = inspector.inner;
  if (!now || ids(now) !== ids(next) || now.dataset.format !== next.dataset.format || fresh === "all") {
    keepingFocus(inspector, () => swap(inspector, now, next));
    return;
  }
  Object.assign(now.dataset, next.dataset);
  for (const row of [...next.querySelectorAll(".param")]) {
    const shown = document.getElementById(row.id);
    if (!shown || shown.querySelector(":popover-open")) continue;
    if (row.id !== fresh && shown.contains(document.activeElement)) update(shown, row);
    else keepingFocus(inspector, () => shown.replaceWith(row));
  }
  for (const part of [".inspector__says", ".inspector__foot", "#panel-model > *"]) {
    const [old, other] = [now.querySelector(part), next.querySelector(part)];
    if (old && other && !old.isEqualNode(other)) keepingFocus(inspector, () => old.replaceWith(other));
  }
  for (const name of ["model", "before_model", "before_format", "conversation"]) {
    const [old, other] = [now, next].map((each) => /** @type {HTMLInputElement} */ (each.querySelector(`input[name="${name}"]`)));
    old.value = other.value;
  }
  const form = now.querySelector("form");
  form?.setAttribute("action", next.querySelector("form")?.getAttribute("action") ?? "");
}

/** @param {Element} inner */
const ids = (inner) => [...inner.querySelectorAll(".param")].map((row) => `${row.id} ${row.getAttribute("data-control")}`).join();

/** @param {Inspector} inspector @param {HTMLElement | null} now @param {HTMLElement} next */
function swap(inspector, now, next) {
  const places = [...inspector.querySelectorAll(".inspector__panel")].map((panel) => panel.scrollTop);
  if (now?.querySelector("details.more[open]")) next.querySelector("details.more")?.setAttribute("open", "");
  inspector.replaceChildren(next);
  [...inspector.querySelectorAll(".inspector__panel")].forEach((panel, i) => (panel.scrollTop = places[i] ?? 0));
}

/** What is said about a field that is being written in. @param {HTMLElement} shown @param {Element} row */
function update(shown, row) {
  shown.className = row.className;
  const [foot, other] = [shown, row].map((each) => each.querySelector(".param__foot"));
  if (foot && other && !foot.isEqualNode(other)) {
    const error = other.querySelector(".param__error");
    foot.replaceWith(other);
    if (error) announce(error.textContent ?? "");
  }
  const reset = shown.querySelector(".param__reset");
  if (reset instanceof HTMLElement) reset.hidden = row.querySelector(".param__reset")?.hasAttribute("hidden") ?? true;
  const isInvalid = row.querySelector("[aria-invalid]") !== null;
  for (const each of shown.querySelectorAll("[aria-describedby]")) {
    if (isInvalid) each.setAttribute("aria-invalid", "true");
    else each.removeAttribute("aria-invalid");
  }
}

/** Whoever has the focus has it afterwards, by its id or its name. @param {Inspector} inspector @param {() => void} deed */
function keepingFocus(inspector, deed) {
  const before = /** @type {any} */ (document.activeElement);
  const hadFocus = inspector.contains(before);
  const row = before?.closest?.(".param")?.id;
  const way = before?.id ? `#${CSS.escape(before.id)}`
    : before?.dataset?.deed && !row ? `[data-deed="${before.dataset.deed}"]`
    : before?.name && `[name="${CSS.escape(before.name)}"][value="${CSS.escape(before.value ?? "")}"]`;
  deed();
  if (!hadFocus || inspector.contains(document.activeElement)) return;
  const inRow = row ? inspector.querySelector(`#${CSS.escape(row)} :is(input, select, textarea):not([data-slider])`) : null;
  const found = /** @type {HTMLElement | null} */ (way ? inspector.querySelector(way) : null);
  const target = found?.matches(":not(:disabled, [hidden])") ? found : inRow ?? inspector.querySelector('[role="tabpanel"]:not([hidden])');
  /** @type {HTMLElement | null} */ (target)?.focus({ preventScroll: true });
}
