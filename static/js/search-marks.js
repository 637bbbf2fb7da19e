/** Marks words in messages with highlights of the browser: no element is changed. Where it has none, nothing is marked. */
import { wordsOf } from "search-filters";

const SHORTEST_BEGINNING = 3; // letters; shorter words are found whole
const LETTER = "[\\p{L}\\p{N}]";
const WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const BLOCKS = "p, li, td, th, pre, dt, dd, figcaption, h1, h2, h3, h4, h5, h6, div";
const LEFT_OUT = "button, annotation, .unseen";

/** Letters without accents and case, one for one, so that places stay the same. @param {string} text */
function fold(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return [...text].map((letter) => {
    const plain = letter.normalize("NFD").replace(/\p{M}+/gu, "").toLowerCase();
    return plain.length === letter.length ? plain : letter;
  }).join("");
}

/** What a search finds: words, the last one also as the beginning of one, and phrases; null for no words.
 * @param {string} query */
export function pattern(query) {
  const found = [...wordsOf(query).matchAll(/(-?)(?:"([^"]+)"?|([^\s"]+))/gu)].filter(([, not]) => !not);
  const parts = found.map(([, , phrase, word]) => phrase ?? word);
  const words = parts.map((part) => fold(part).match(new RegExp(`${LETTER}[\\p{L}\\p{N}\\p{M}]*`, "gu")) ?? []);
  const patterns = words.filter((part) => part.length).map((part, number, all) => {
    const letters = part.map((word) => [...word].join("\\p{M}*")).join("[^\\p{L}\\p{N}]+");
    if (WITHOUT_SPACES.test(letters)) return letters;
    const isBegun = number === all.length - 1 && [.../** @type {string} */ (part.at(-1))].length >= SHORTEST_BEGINNING;
    return `(?<!${LETTER})${letters}${isBegun ? `${LETTER}*` : `(?!${LETTER})`}`;
  });
  return patterns.length ? new RegExp(patterns.join("|"), "gu") : null;
}

/** Where it stands below an element. @param {Element} element @param {RegExp} found @returns {Range[]} */
export function ranges(element, found) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  /** @type {{node: Node, start: number, end: number}[]} */ const pieces = [];
  let text = "";
  /** @type {Element | null | undefined} */ let block = null;
  while (walker.nextNode()) {
    const { parentElement, data } = /** @type {Text} */ (walker.currentNode);
    if (!data || parentElement?.closest(LEFT_OUT)) continue;
    const own = parentElement?.closest(BLOCKS);
    if (own !== block) text += "\n";
    block = own;
    pieces.push({ node: walker.currentNode, start: text.length, end: text.length + data.length });
    text += data;
  }
  let from = 0;
  return [...fold(text).matchAll(found)].map(({ 0: match, index }) => {
    while (pieces[from].end <= index) from++;
    let to = from;
    while (pieces[to].end < index + match.length) to++;
    const range = new Range();
    range.setStart(pieces[from].node, index - pieces[from].start);
    range.setEnd(pieces[to].node, index + match.length - pieces[to].start);
    return range;
  });
}

/** @param {string} name of the highlight @param {Range[]} places none: no marks any more */
export function mark(name, places) {
  if (!("highlights" in CSS)) return;
  if (places.length) CSS.highlights.set(name, new Highlight(...places));
  else CSS.highlights.delete(name);
}
