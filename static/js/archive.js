/** The page of all conversations: selecting many, and choosing folders and tags for them in a dialog. */
import { choose } from "choosing";
import { attempt } from "status";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("selection"));
let last = -1; // the box that was clicked before, for Shift

/** @returns {HTMLInputElement[]} */
const boxes = () => [...(form?.querySelectorAll('input[name="conversation"]') ?? [])].map((box) => /** @type {any} */ (box));

/** Say how many are selected, and show the bar if there are any. */
function count() {
  const selected = boxes().filter((box) => box.checked).length;
  const bar = /** @type {HTMLElement | null | undefined} */ (form?.querySelector(".bar"));
  const all = /** @type {HTMLInputElement | null | undefined} */ (form?.querySelector('[data-action="select-page"]'));
  if (!bar || !all) return;
  bar.dataset.count = String(selected);
  const words = bar.querySelector(".bar__count");
  if (words) words.textContent = `${selected} selected`;
  all.checked = selected > 0 && selected === boxes().length;
  all.indeterminate = selected > 0 && !all.checked;
}

/** @param {boolean} isChecked @param {HTMLInputElement[]} some */
function check(isChecked, some = boxes()) {
  for (const box of some) box.checked = isChecked;
  count();
}

form?.addEventListener("click", (event) => {
  const target = /** @type {HTMLInputElement} */ (event.target);
  const at = boxes().indexOf(target);
  if (at < 0) return;
  if (event.shiftKey && last >= 0) check(target.checked, boxes().slice(Math.min(at, last), Math.max(at, last) + 1));
  last = at;
});
form?.addEventListener("change", (event) => {
  const target = /** @type {HTMLInputElement} */ (event.target);
  target.dataset.action === "select-page" ? check(target.checked) : count();
});
form?.addEventListener("keydown", (event) => event.key === "Escape" && check(false));
form?.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button?.dataset.action === "select-none") check(false);
  if (button?.dataset.action !== "choose" || !form) return;
  event.preventDefault();
  const ids = boxes().filter((box) => box.checked).map((box) => box.value);
  attempt(() => choose(form.action, button.value, ids));
});
document.querySelector(".filter")?.addEventListener("change", (event) => {
  const field = /** @type {HTMLElement} */ (event.target);
  if (field.matches("select")) /** @type {HTMLFormElement} */ (field.closest("form")).requestSubmit();
});

document.documentElement.classList.add("is-scripted");
addEventListener("pageshow", count); // boxes may come back checked
count();
