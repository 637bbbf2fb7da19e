/**
 * The palette's dialog: every keypress asks at once, and the list before stays until the new one is here. Where the
 * keyboard is in the list is said by `aria-activedescendant`; the focus stays in the field.
 */
import { fragment } from "articles";
import { fetchHits } from "palette-hits";
import { Matches } from "palette-matches";
import { complete, completions } from "search-filters";

const SPEAK_AFTER = 500; // ms without a keypress
const MOST_KEPT = 50; // lists of this opening

export class Palette {
  #dialog;
  #field;
  #list;
  #says;
  #voice;
  #matches;
  #asking = new AbortController();
  /** @type {Map<string, string>} */ #known = new Map();
  /** @type {MouseEvent | KeyboardEvent | null} an Enter that came before the list it is for */ #choice = null;
  #isWaiting = false;
  #isMoved = false; // somebody chose in the list while it was waited for
  #speech = 0;

  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    const part = (/** @type {string} */ name) => /** @type {any} */ (dialog.querySelector(`.palette__${name}`));
    this.#dialog = dialog;
    /** @type {HTMLInputElement} */ this.#field = part("field");
    /** @type {HTMLElement} */ this.#list = part("list");
    /** @type {HTMLElement} */ this.#says = part("says");
    /** @type {HTMLElement} */ this.#voice = part("voice");
    this.#matches = new Matches(dialog);
    this.#field.addEventListener("input", () => this.#typed());
    dialog.addEventListener("keydown", (event) => this.#pressed(event));
    dialog.addEventListener("click", (event) => this.#clicked(event));
    dialog.addEventListener("close", () => this.#asking.abort());
    this.#list.addEventListener("pointermove", (event) => {
      const option = /** @type {Element} */ (event.target).closest('[role="option"]');
      if (option && (event.movementX || event.movementY)) this.#activate(option, false);
    });
  }

  toggle() {
    if (this.#dialog.open) this.#dialog.close();
    else this.show("");
  }

  /** @param {string} text */
  show(text) {
    this.#known.clear();
    this.#matches.renew();
    this.#field.value = text;
    this.#dialog.showModal();
    this.#field.focus();
    this.#typed();
  }

  get #options() {
    return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll('[role="option"]:not([hidden])')]);
  }

  get #active() {
    return document.getElementById(this.#field.getAttribute("aria-activedescendant") ?? "");
  }

  #typed() {
    const text = this.#field.value;
    this.#choice = null;
    this.#isMoved = false;
    this.#matches.showFilters(text, (shorter) => this.#write(shorter));
    this.#matches.offer(text, completions(text, this.#field.selectionStart ?? text.length, this.#dialog));
    this.#activate(this.#options[0]);
    this.#ask(text);
  }

  /** @param {string} text */
  async #ask(text) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const key = text.trim() && text;
    const known = this.#known.get(key);
    this.#isWaiting = known === undefined;
    this.#list.ariaBusy = String(this.#isWaiting);
    if (known !== undefined) return this.#arrived(text, known);
    const { html, trouble } = await fetchHits(key, signal);
    if (signal.aborted) return;
    if (!trouble && this.#known.size < MOST_KEPT) this.#known.set(key, html);
    this.#arrived(text, html, trouble);
  }

  /** @param {string} text @param {string} html @param {string} [trouble] */
  #arrived(text, html, trouble = "") {
    this.#isWaiting = false;
    this.#list.ariaBusy = "false";
    const notes = this.#matches.show(text, fragment(html));
    this.#says.replaceChildren(...(trouble ? [trouble] : notes));
    this.#says.hidden = !this.#says.textContent?.trim();
    if (!this.#isMoved || !this.#active?.isConnected) {
      this.#list.scrollTop = 0;
      this.#activate(this.#options[0]);
    }
    this.#speak(trouble || `${this.#says.textContent?.trim()} ${this.#matches.words}`);
    if (this.#choice) this.#choose(this.#active, this.#choice);
  }

  /** @param {string} words */
  #speak(words) {
    clearTimeout(this.#speech);
    this.#speech = setTimeout(() => (this.#voice.textContent = words.replace(/\s+/g, " ").trim()), SPEAK_AFTER);
  }

  /** @param {string} text @param {number} [caret] */
  #write(text, caret = text.length) {
    this.#field.value = text;
    this.#field.focus();
    this.#field.setSelectionRange(caret, caret);
    this.#typed();
  }

  /** @param {Element | null | undefined} option */
  #activate(option, isScrolled = true) {
    this.#list.querySelector(".is-active")?.classList.remove("is-active");
    this.#list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    this.#field.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.classList.add("is-active");
    option?.setAttribute("aria-selected", "true");
    if (isScrolled) option?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const isControl = event.ctrlKey || event.metaKey;
    if (isControl && event.key.toLowerCase() === "k") this.#dialog.close();
    else if (event.target !== this.#field) return;
    else if (event.key === "Enter") this.#entered(event);
    else if (event.key === "Tab" && !event.shiftKey && this.#matches.completion) this.#complete(this.#matches.completion);
    else if (isControl || event.shiftKey || event.altKey || !this.#moved(event.key)) return;
    event.preventDefault();
  }

  /** @param {string} key */
  #moved(key) {
    const options = this.#options;
    const at = options.indexOf(/** @type {HTMLElement} */ (this.#active));
    const last = options.length - 1;
    const next = {
      ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last,
      PageDown: Math.min(at + 6, last), PageUp: Math.max(at - 6, 0),
    }[key];
    if (next === undefined) return false;
    this.#activate(options[next]);
    this.#isMoved = true;
    return true;
  }

  /** @param {KeyboardEvent} event */
  #entered(event) {
    if (this.#isWaiting && this.#active === this.#options[0]) this.#choice = event;
    else this.#choose(this.#active, event);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target);
    const insert = /** @type {HTMLElement | null} */ (target.closest("[data-insert]"));
    const option = /** @type {HTMLElement | null} */ (target.closest('[role="option"]'));
    if (target === this.#dialog || target.closest('[data-action="close-palette"]')) this.#dialog.close();
    else if (insert && !option) this.#write(`${this.#field.value.trimEnd()} ${insert.dataset.insert}`.trimStart());
    else if (target.closest("[data-search]")) this.#write(target.closest("[data-search]")?.getAttribute("data-search") ?? "");
    else if (option) this.#choose(option, event);
    else return;
    event.preventDefault();
  }

  /** @param {string} word */
  #complete(word) {
    const { text, caret } = complete(this.#field.value, this.#field.selectionStart ?? this.#field.value.length, word);
    this.#write(text, caret);
  }

  /** @param {HTMLElement | null} option @param {MouseEvent | KeyboardEvent} event */
  #choose(option, event) {
    const isElsewhere = event.ctrlKey || event.metaKey;
    const href = option?.getAttribute("href");
    const { press, module } = option?.dataset ?? {};
    this.#choice = null;
    if (option?.dataset.insert) this.#complete(option.dataset.insert);
    else if (href && isElsewhere) window.open(href, "_blank", "noopener");
    else if (option) {
      this.#dialog.close();
      if (href) location.assign(href);
      else if (module) import(module).then(({ open }) => open());
      else if (press) /** @type {HTMLElement | null} */ (document.querySelector(press))?.click();
    }
  }
}
