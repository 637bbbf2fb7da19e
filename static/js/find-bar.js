/** The bar that finds in a conversation: how many messages, which one, and on to the next. */
import { goTo } from "places";
import { mark, pattern, ranges } from "search-marks";
import { OrderError } from "socket";

const WAIT = 120; // ms without a keypress before it asks
const TROUBLE = "That didn't reach the server. Try again.";

/** @typedef {{message: string, url: string, is_shown: boolean}} Match */

export class FindBar {
  #conversation;
  #element;
  #field;
  #count;
  /** @type {Match[]} */ #matches = [];
  #at = -1;
  #timer = 0;
  #asking = new AbortController();
  /** @type {RegExp | null} */ #pattern = null;
  #observer = new MutationObserver(() => this.#mark());
  /** @type {Element | null} */ #before = null;

  /** @param {import("conversation").ChatConversation} conversation @param {HTMLElement} element */
  constructor(conversation, element) {
    this.#conversation = conversation;
    this.#element = element;
    this.#field = /** @type {HTMLInputElement} */ (element.querySelector("input"));
    this.#count = /** @type {HTMLElement} */ (element.querySelector(".find__count"));
    this.#field.addEventListener("input", () => this.#typed());
    element.addEventListener("keydown", (event) => this.#pressed(event));
    element.addEventListener("click", (event) => this.#clicked(event));
  }

  /** @param {string} [text] @param {string} [message] where the reader is already
   * @param {boolean} [isBegun] the text goes on */
  open(text, message, isBegun = false) {
    if (!this.#element.isConnected) {
      this.#before = document.activeElement;
      this.#conversation.querySelector(".topbar")?.after(this.#element);
      this.#observer.observe(this.#conversation.column, { childList: true });
    }
    if (text !== undefined) this.#field.value = text;
    this.#field.focus({ preventScroll: true });
    if (!isBegun) this.#field.select();
    if (this.#field.value) this.#ask(message);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#observer.disconnect();
    for (const name of ["found", "found-here"]) mark(name, []);
    const article = this.#article;
    this.#element.remove();
    const back = article ?? this.#before;
    if (back instanceof HTMLElement) back.focus({ preventScroll: true });
  }

  get #article() {
    return this.#conversation.article(this.#matches[this.#at]?.message);
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), WAIT);
  }

  /** @param {string} [message] */
  async #ask(message) {
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const text = this.#field.value.trim();
    if (!text) return this.#found([], "");
    const query = new URLSearchParams({ q: text, leaf: this.#conversation.dataset.leaf ?? "" });
    const headers = { Accept: "application/json" };
    const address = `/conversations/${this.#conversation.uuid}/find/?${query}`;
    const response = await fetch(address, { headers, signal }).catch(() => null);
    if (signal.aborted) return;
    if (!response?.ok || response.redirected) return this.#say(TROUBLE);
    const { matches } = await response.json();
    if (!signal.aborted) this.#found(matches, text, message);
  }

  /** @param {Match[]} matches @param {string} text @param {string} [message] */
  #found(matches, text, message) {
    this.#matches = matches;
    this.#pattern = pattern(text);
    this.#at = -1;
    this.#mark();
    if (!matches.length) return this.#say(text ? "Nothing found" : "");
    const given = matches.findIndex((match) => match.message === message);
    this.#go(given >= 0 ? given : this.#nearest());
  }

  /** The first one in view or below it, else the last one above; else the first on another branch. */
  #nearest() {
    const top = this.#conversation.querySelector(".log")?.getBoundingClientRect().top ?? 0;
    const isBelow = ({ message }) => (this.#conversation.article(message)?.getBoundingClientRect().bottom ?? 0) > top;
    const below = this.#matches.findIndex(isBelow);
    return below >= 0 ? below : Math.max(0, this.#matches.findLastIndex((match) => match.is_shown));
  }

  /** @param {number} step */
  #step(step) {
    const { length } = this.#matches;
    if (length) this.#go((this.#at + step + length) % length);
  }

  /** @param {number} at */
  async #go(at) {
    this.#at = at;
    const { message, url, is_shown } = this.#matches[at];
    const place = `${at + 1} of ${this.#matches.length}`;
    const { leaf } = this.#conversation.dataset;
    if (!this.#article) {
      this.#say(is_shown ? `${place}, loading…` : `${place}, on another branch…`);
      await this.#load(message, url);
      if (this.#at !== at || !this.#element.isConnected) return;
    }
    const isElsewhere = leaf !== this.#conversation.dataset.leaf;
    const words = isElsewhere ? `${place}, on another branch` : place;
    this.#say(this.#article ? words : `${place} could not be loaded`);
    this.#show();
  }

  /** Whoever may not choose another branch for all looks at it on a page of its own.
   * @param {string} message @param {string} url */
  async #load(message, url) {
    try {
      await goTo(this.#conversation, message);
      if (this.#element.isConnected) this.#field.focus({ preventScroll: true });
    } catch (error) {
      if (!(error instanceof OrderError)) return;
      location.assign(url.replace("#", `&${new URLSearchParams({ find: this.#field.value.trim() })}#`));
    }
  }

  #show() {
    const article = this.#article;
    const body = article?.querySelector(".message__body");
    const log = this.#conversation.querySelector(".log");
    if (!article || !body || !log) return;
    article.classList.remove("message--folded");
    const places = this.#pattern ? ranges(body, this.#pattern) : [];
    mark("found-here", places);
    this.#conversation.log.toTop(article);
    const view = log.getBoundingClientRect();
    const { top, bottom } = (places[0] ?? article).getBoundingClientRect();
    if (bottom > view.bottom - view.height / 3) log.scrollTop += top - view.top - view.height / 3;
  }

  #mark() {
    const found = this.#pattern;
    const articles = this.#matches.map(({ message }) => this.#conversation.article(message)?.querySelector(".message__body"));
    mark("found", found ? articles.flatMap((body) => (body ? ranges(body, found) : [])) : []);
  }

  /** @param {string} words */
  #say(words) {
    if (this.#count.textContent !== words) this.#count.textContent = words;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") this.#close();
    else if (event.key === "Enter" && event.target === this.#field) this.#step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const action = /** @type {Element} */ (event.target).closest("[data-find]")?.getAttribute("data-find");
    if (action === "close") this.#close();
    else if (action) this.#step(action === "next" ? 1 : -1);
  }
}
