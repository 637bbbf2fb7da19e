/** The page for searching: what is chosen in a field for a filter is seen in the text at once. */
import { filtersIn, without } from "search-filters";

const form = /** @type {HTMLFormElement} */ (document.querySelector(".search"));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));

form.addEventListener("change", ({ target }) => {
  const { name, value } = /** @type {HTMLInputElement | HTMLSelectElement} */ (target);
  if (target === field || !name) return;
  let text = field.value;
  for (const { key, start, end } of filtersIn(text).toReversed()) if (key === name) text = without(text, start, end);
  const filter = /\s/u.test(value) ? `${name}:"${value.replaceAll('"', "")}"` : `${name}:${value}`;
  field.value = `${text.trim()} ${value ? filter : ""}`.trim();
});
