/**
 * Where the reader is in the log. While at the bottom the view follows the newest line; else it stays, and a
 * button leads back. Sizes are read in a ResizeObserver, that is after layout and before paint: nothing jumps.
 */
import { decorate, fragment, keepFocus, setEnd } from "articles";

const NEAR = 24; // px from the bottom that count as the bottom
const OLDER_FROM = 800; // px from the top from which older messages are fetched
const PATIENCE = 8_000;

/** Comes when one goes to a message, or reads far above. @param {(module: typeof import("places")) => unknown} deed */
export const places = (deed) => void import("places").then(deed, () => {});

/** What is written stays: in fields of the same id, and all of a message that is being edited. @param {Element} article */
function writtenIn(article) {
  const shown = document.getElementById(article.id);
  for (const field of article.querySelectorAll("textarea[id]")) {
    const written = document.getElementById(field.id);
    if (field instanceof HTMLTextAreaElement && written instanceof HTMLTextAreaElement) field.value ||= written.value;
  }
  const end = article.querySelector(".message__end");
  if (!shown?.querySelector(".edit") || !end) return article;
  setEnd(shown, end);
  return shown;
}

export class LogView {
  #conversation;
  #log;
  #button;
  isFollowing = true;
  #lastTop = 0;
  #unseen = 0;
  /** @type {Promise<boolean> | null} */ #older = null;

  /** @param {import("conversation").ChatConversation} conversation */
  constructor(conversation) {
    this.#conversation = conversation;
    this.#log = /** @type {HTMLElement} */ (conversation.querySelector(".log"));
    this.column = /** @type {HTMLElement} */ (this.#log.querySelector(".log__column"));
    this.#button = /** @type {HTMLElement | null} */ (conversation.querySelector(".newest"));
    this.#log.setAttribute("aria-live", "off"); // whole sentences are read by the announcer
    this.#log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#log.addEventListener("click", (event) => this.#clicked(event), { capture: true });
    this.#button?.addEventListener("click", () => this.toNewest());
    const observer = new ResizeObserver(() => this.#resized());
    observer.observe(this.#log);
    observer.observe(this.column);
    decorate(this.column.children);
    if (conversation.uuid) this.toBottom();
    this.#goToTarget();
    addEventListener("hashchange", () => this.#goToTarget());
  }

  /** Whether newer messages of this branch are not loaded. */
  get isCut() {
    return this.column.dataset.newer === "1";
  }

  /** The piece of the branch that is shown: its end, or what one reads far above. */
  get query() {
    const { leaf, view } = this.#conversation.dataset;
    const around = this.isCut && this.#firstInView()?.getAttribute("data-message");
    return `?leaf=${view && leaf}&around=${around || ""}`;
  }

  async toNewest() {
    const wasCut = this.isCut;
    this.column.dataset.newer = "0";
    if (wasCut) await this.#conversation.refresh();
    this.toBottom();
  }

  toBottom() {
    this.isFollowing = true;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#lastTop = this.#log.scrollTop;
    this.#showButton();
  }

  /** Bring a message to the top of the view. @param {Element} article */
  toTop(article) {
    this.isFollowing = false;
    const from = this.#log.getBoundingClientRect().top + parseFloat(getComputedStyle(this.#log).paddingTop);
    this.#log.scrollTop += article.getBoundingClientRect().top - from;
    this.#lastTop = this.#log.scrollTop;
    this.#showButton();
  }

  /** Give the last answer so much room that its question can stand at the top of the view, and put it there.
   * @param {Element} question @param {HTMLElement} answer */
  makeRoom(question, answer) {
    for (const article of this.column.children) if (article instanceof HTMLElement) article.style.minHeight = "";
    const above = answer.getBoundingClientRect().top - question.getBoundingClientRect().top;
    const isTall = question.clientHeight > this.#log.clientHeight / 2; // of a long question its end is of use
    const { paddingTop, paddingBottom } = getComputedStyle(this.#log);
    const room = this.#log.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom) - (isTall ? 0 : above);
    answer.style.minHeight = `${Math.max(0, room)}px`;
    this.toBottom();
  }

  /** Count what came while the reader was elsewhere. @param {number} count */
  added(count) {
    if (!this.isFollowing) this.#unseen += count;
    this.#showButton();
  }

  /** Change the log and keep the given message, else the first one in view, where it is on the screen.
   * @param {() => void} change @param {{id?: string, becomes?: string}} [keep] ids of the article before and after */
  hold(change, { id, becomes = id } = {}) {
    const before = id ? document.getElementById(id) : this.#firstInView();
    const top = before?.getBoundingClientRect().top ?? 0;
    const wasFollowing = this.isFollowing && !id;
    change();
    const after = document.getElementById(becomes ?? before?.id ?? "");
    if (wasFollowing) this.toBottom();
    else if (after) this.#log.scrollTop += after.getBoundingClientRect().top - top;
    this.#lastTop = this.#log.scrollTop;
    this.#showButton();
  }

  /** A page of messages; null where it can't be had now. @param {string} query */
  async fetchPage(query) {
    const signal = AbortSignal.timeout(PATIENCE); // a connection from before a sleep may be dead
    const response = await fetch(`/conversations/${this.#conversation.uuid}/log/${query}`, { signal }).catch(() => null);
    if (!response?.ok || response.redirected) return null;
    const { headers } = response;
    const { children } = fragment(await response.text());
    const articles = [...children].filter((element) => element.matches("article"));
    const [revision, leaf, older, newer] = ["Revision", "Leaf", "Older", "Newer"].map((name) => headers.get(`X-${name}`) ?? "");
    return { articles, revision: Number(revision), leaf, older, newer };
  }

  /** Put the newest messages in the place of those shown; older ones and those on their way stay.
   * @param {{articles: Element[], older: string, newer: string}} page @param {{id: string, becomes: string}} [keep] */
  swap({ articles, older: hasOlder, newer }, keep) {
    const known = articles[0] && document.getElementById(articles[0].id);
    const shown = [...this.column.children];
    const older = known ? shown.slice(0, shown.indexOf(known)) : [];
    const unsent = shown.filter((article) => article.matches("article:not([data-message])"));
    if (!older.length) this.column.dataset.older = hasOlder;
    this.column.dataset.newer = newer;
    decorate(articles);
    const next = [...older, ...articles.map(writtenIn), ...unsent];
    keepFocus(this.column, () => this.hold(() => this.column.replaceChildren(...next), keep));
  }

  /** Fetch the messages above and put them on top, keeping the place; false if there are none. */
  #loadOlder() {
    this.#older ??= this.#prepend().finally(() => (this.#older = null));
    return this.#older;
  }

  async #prepend() {
    const first = this.column.querySelector("article");
    if (!first?.dataset.message || this.column.dataset.older !== "1") return false;
    const page = await this.fetchPage(`?before=${first.dataset.message}`);
    if (!page) return false;
    this.column.dataset.older = page.older;
    decorate(page.articles);
    this.hold(() => first.before(...page.articles), { id: first.id });
    return page.articles.length > 0;
  }

  /** Show the message that the address names. */
  #goToTarget() {
    const id = location.hash.slice(1);
    const article = id.startsWith("message-") && document.getElementById(id);
    if (article) this.toTop(article);
    if (article !== false) places((to) => to.arrive(this.#conversation, id.slice(8)));
  }

  #firstInView() {
    const top = this.#log.getBoundingClientRect().top;
    return [...this.column.children].find((article) => article.getBoundingClientRect().bottom > top);
  }

  #distance() {
    return this.#log.scrollHeight - this.#log.clientHeight - this.#log.scrollTop;
  }

  #scrolled() {
    const top = this.#log.scrollTop;
    const distance = this.#distance();
    if (this.isCut && distance < OLDER_FROM) places((to) => to.newer(this.#conversation));
    else if (distance <= 1 || (top > this.#lastTop && distance < NEAR)) this.isFollowing = true;
    else if (top < this.#lastTop - 1) this.isFollowing = false;
    if (top < OLDER_FROM && top < this.#lastTop) this.#loadOlder();
    this.#lastTop = top;
    this.#showButton();
  }

  /** Opening a disclosure must not scroll away what was opened. @param {Event} event */
  #clicked(event) {
    const isOpening = event.target instanceof Element && event.target.closest('summary, [data-action="unfold"]');
    if (isOpening) this.isFollowing = false;
  }

  #resized() {
    if (this.isFollowing && this.#distance() > 0) this.toBottom();
    else this.#showButton();
  }

  #showButton() {
    if (this.isFollowing) this.#unseen = 0;
    if (!this.#button) return;
    this.#button.hidden = this.isFollowing || this.#distance() < NEAR;
    const count = this.#button.querySelector(".newest__count");
    if (count) count.textContent = this.#unseen ? String(this.#unseen) : "";
  }
}
