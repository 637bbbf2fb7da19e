/** The filters inside the text of a search, as `from:me` or `tag:"two words"`: which are there, and what may follow. */

const NAMES = ["from", "model", "folder", "tag", "before", "after", "has", "is"];
const FILTER = new RegExp(`(?<=^|\\s)(${NAMES.join("|")}):("[^"]*"?|[^\\s"]*)`, "giu");
const LEAST = 2; // letters of a name before it is offered
const MOST = 8;

/** @param {string} text @returns {{key: string, value: string, start: number, end: number}[]} */
export function filtersIn(text) {
  return [...text.matchAll(FILTER)].map(({ 0: whole, 1: key, 2: value, index }) => ({
    key: key.toLowerCase(), value: value.replaceAll('"', ""), start: index, end: index + whole.length,
  }));
}

/** The text without the words between two places. @param {string} text @param {number} start @param {number} end */
export function without(text, start, end) {
  return `${text.slice(0, start).trimEnd()} ${text.slice(end).trimStart()}`.trimStart();
}

/** The text outside of filters. @param {string} text */
export const wordsOf = (text) => text.replace(FILTER, " ");

/** What is being written at the caret: a filter, or else a word. @param {string} text @param {number} caret */
function current(text, caret) {
  const filter = filtersIn(text).find(({ start, end }) => start < caret && caret <= end);
  if (filter) return filter;
  const start = text.slice(0, caret).search(/\S*$/u);
  return { key: "", value: text.slice(start, caret), start, end: caret };
}

/** What may be meant, the likeliest first; `isValue` where the name of the filter is there already. Values stand in the
 * lists of the page. @param {string} text @param {number} caret @param {ParentNode} page
 * @returns {{words: {insert: string, label: string}[], isValue: boolean}} */
export function completions(text, caret, page) {
  const { key, value } = current(text, caret);
  const typed = value.toLocaleLowerCase();
  if (!key) {
    const names = typed.length < LEAST ? [] : NAMES.filter((name) => name.startsWith(typed));
    return { words: names.map((name) => ({ insert: `${name}:`, label: helpFor(name, page) })), isValue: false };
  }
  const all = /** @type {HTMLOptionElement[]} */ ([...page.querySelectorAll(`datalist[data-filter="${key}"] option`)]);
  const fits = all.filter((option) => `${option.value} ${option.label}`.toLocaleLowerCase().includes(typed));
  if (all.some((option) => option.value.toLocaleLowerCase() === typed)) return { words: [], isValue: true };
  const words = fits.slice(0, MOST).map(({ value: name, label }) => ({
    insert: `${key}:${/[\s"]/u.test(name) ? `"${name.replaceAll('"', "")}"` : name} `,
    label: label === name ? "" : label,
  }));
  return { words, isValue: true };
}

/** @param {string} name @param {ParentNode} page */
function helpFor(name, page) {
  return page.querySelector(`[data-insert="${name}:"]`)?.getAttribute("title") ?? "";
}

/** Put a completion in the place of what is being written. @param {string} text @param {number} caret
 * @param {string} insert */
export function complete(text, caret, insert) {
  const { start, end } = current(text, caret);
  const rest = text.slice(end).trimStart();
  return { text: text.slice(0, start) + insert + rest, caret: start + insert.length };
}
