/** What stands in the palette's list, and in which order: completions of a filter, commands, hits, all results. */

import { filtersIn, without } from "search-filters";

/** @typedef {{words: {insert: string, label: string}[], isValue: boolean}} Completions */

const OPTION = '[role="option"]:not([hidden])';

/** @param {string} text */
const wordsIn = (text) => text.toLocaleLowerCase().split(/\s+/u).filter(Boolean);

export class Matches {
  #list;
  #commands;
  #filters;
  #all;
  #template;
  #chips;
  #chip;
  /** @type {Element | null} */ #hits = null;
  #isCommand = false; // what is typed begins the name of one
  /** @type {Completions} */ #offered = { words: [], isValue: false };

  /** @param {HTMLElement} dialog */
  constructor(dialog) {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (dialog.querySelector(`[data-part="${name}"]`));
    this.#list = /** @type {HTMLElement} */ (dialog.querySelector(".palette__list"));
    this.#commands = part("commands");
    this.#filters = part("filters");
    this.#all = part("all");
    this.#template = /** @type {HTMLTemplateElement} */ (dialog.querySelector("#palette-completion"));
    this.#chips = /** @type {HTMLElement} */ (dialog.querySelector(".palette__filters"));
    this.#chip = /** @type {HTMLTemplateElement} */ (dialog.querySelector("#palette-filter"));
    for (const each of [this.#commands, this.#filters, this.#all]) each.remove();
  }

  /** What Tab writes. */
  get completion() {
    return this.#offered.words[0]?.insert ?? "";
  }

  /** How much there is, for those who hear it. */
  get words() {
    const count = this.#list.querySelectorAll(OPTION).length;
    return count === 1 ? "1 entry." : `${count} entries.`;
  }

  /** Forget the hits, and look which commands this page has. */
  renew() {
    this.#hits = null;
    for (const option of this.#options) {
      const selector = option.dataset.press;
      option.toggleAttribute("data-missing", Boolean(selector) && !document.querySelector(selector ?? ""));
    }
  }

  get #options() {
    return /** @type {HTMLElement[]} */ ([...this.#commands.querySelectorAll('[role="option"]')]);
  }

  /** The filters as buttons that take them away. @param {string} text @param {(shorter: string) => void} write */
  showFilters(text, write) {
    const chips = filtersIn(text).filter(({ value }) => value).map(({ key, value, start, end }) => {
      const chip = /** @type {HTMLElement} */ (this.#chip.content.firstElementChild?.cloneNode(true));
      chip.querySelector("bdi")?.replaceChildren(`${key}: ${value}`);
      chip.setAttribute("aria-label", `Remove the filter ${key}: ${value}`);
      chip.addEventListener("click", () => write(without(text, start, end)));
      return chip;
    });
    this.#chips.replaceChildren(...chips);
    this.#chips.hidden = !chips.length;
  }

  /** What needs no server. @param {string} text @param {Completions} completions */
  offer(text, completions) {
    this.#offered = completions;
    const typed = wordsIn(text);
    for (const option of this.#options) {
      const known = wordsIn(`${option.dataset.name} ${option.dataset.words}`);
      const fits = typed.every((word) => known.some((each) => each.startsWith(word)));
      option.hidden = option.hasAttribute("data-missing") || !fits;
    }
    const start = typed.join(" ");
    const begins = this.#options.filter((option) => !option.hidden && option.dataset.name?.toLocaleLowerCase().startsWith(start));
    this.#isCommand = start.length > 1 && begins.length > 0;
    this.#filters.replaceChildren(/** @type {Node} */ (this.#filters.firstElementChild), ...this.#completionOptions());
    this.#lay(text);
  }

  /** @param {string} text @param {DocumentFragment} parts from the server; returns what is to be said about them */
  show(text, parts) {
    this.#hits = parts.querySelector('[data-part="hits"]');
    const here = document.querySelector("chat-conversation")?.getAttribute("data-conversation");
    if (here) this.#hits?.querySelector(`[data-recent="${here}"]`)?.remove();
    this.#lay(text);
    return [...(parts.querySelector('[data-part="says"]')?.childNodes ?? [])];
  }

  /** @param {string} text */
  #lay(text) {
    const { isValue } = this.#offered;
    const has = (/** @type {Element | null} */ group) => group?.querySelector(OPTION);
    const query = text.trim();
    this.#all.hidden = !query;
    const option = /** @type {HTMLElement} */ (this.#all.querySelector("a"));
    option.setAttribute("href", `/search/?${new URLSearchParams({ q: query })}`);
    option.querySelector("bdi")?.replaceChildren(query);
    const order = [
      isValue && this.#filters, query && this.#isCommand && this.#commands, this.#hits,
      !(query && this.#isCommand) && this.#commands, !isValue && this.#filters, query && this.#all,
    ];
    const groups = order.filter((group) => group instanceof HTMLElement && has(group));
    this.#list.replaceChildren(.../** @type {HTMLElement[]} */ (groups));
  }

  #completionOptions() {
    return this.#offered.words.map(({ insert, label }, number) => {
      const option = /** @type {HTMLElement} */ (this.#template.content.firstElementChild?.cloneNode(true));
      option.id = `palette-filter-${number}`;
      option.dataset.insert = insert;
      option.querySelector("bdi")?.replaceChildren(insert.trim());
      option.querySelector(".command__text")?.replaceChildren(label);
      option.querySelector(".command__keys")?.toggleAttribute("hidden", number > 0);
      return option;
    });
  }
}
