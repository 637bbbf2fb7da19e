/**
 * `<chat-conversation>`: keeps the open conversation as the server has it. `data-revision` and `data-leaf` say how
 * far the page is; where it is behind, the log is fetched and swapped, and what runs continues by its pieces.
 */
import { decorate, fragment } from "articles";
import "composer";
import { LogView } from "log";
import { watchActions } from "messages";
import { Orders } from "orders";
import { Runs, RUNNING } from "runs";
import { OrderError, socket } from "socket";
import { toastOnNextPage } from "status";

const POLL_EVERY = 2_000;
const AGAIN_AFTER = 1_000; // when the state could not be had; twice as long each time
const LOG_TRIES = 3; // at most, to get a log that is not older than the page
const SHARING = ["members.changed", "presence.changed", "presence.typing"];

export class ChatConversation extends HTMLElement {
  orders = new Orders(this);
  runs = new Runs(this);
  /** @type {LogView} */ log;
  /** @type {HTMLElement} */ column;
  /** @type {Promise<void> | null} */ #refreshing = null;
  #isStale = false; // the log could not be had
  #failures = 0;
  #timer = 0;
  #path = location.pathname;

  connectedCallback() {
    this.log = new LogView(this);
    this.column = this.log.column;
    watchActions(this);
    this.#listen();
    this.showRunning();
    setInterval(() => this.#followWithoutSocket(), POLL_EVERY);
  }

  /** Where no socket gets through (a proxy), an answer is followed by asking. */
  #followWithoutSocket() {
    if (socket.isHopeless && this.running && !this.orders.isAsking) this.refresh();
  }

  #listen() {
    socket.on("state", () => this.open());
    socket.on("resync", () => this.open());
    this.on("message.added", (frame) => this.#added(frame));
    this.on("branch.selected", (frame) => frame.revision > this.revision && this.refresh());
    this.on("conversation.changed", (frame) => this.titled(frame.title));
    this.on("conversation.removed", ({ reason }) => this.leave(reason || "This conversation was deleted."));
    for (const type of SHARING) this.on(type, async (frame) => (await import("members")).heard(this, frame));
    this.runs.listen();
    addEventListener("popstate", () => location.pathname !== this.#path && location.reload());
  }

  /** Listen to what happens in this conversation. @param {string} type @param {(frame: any) => void} listener */
  on(type, listener) {
    socket.on(type, (frame) => frame.conversation === this.uuid && listener(frame));
  }

  get uuid() { return this.dataset.conversation ?? ""; }

  get revision() { return Number(this.dataset.revision || 0); }

  /** The article at the end of what is shown. */
  get last() {
    return /** @type {HTMLElement | null} */ (this.column.querySelector(":scope > article:last-of-type"));
  }

  /** The answer that is queued or running. */
  get running() {
    return /** @type {HTMLElement | null} */ (this.column.querySelector(RUNNING));
  }

  get composer() {
    return /** @type {import("composer").ChatComposer} */ (this.querySelector("chat-composer"));
  }

  /** @param {string | null | undefined} message @returns {HTMLElement | null} */
  article(message) {
    return message ? document.getElementById(`message-${message}`) : null;
  }

  /** Join the conversation and catch up. @param {boolean} [isFresh] the log is new: ask for whole snapshots */
  async open(isFresh = false) {
    clearTimeout(this.#timer);
    if (!this.uuid || socket.state !== "open") return;
    try {
      const have = isFresh ? {} : this.runs.have;
      const { revision, leaf } = await socket.order("conversation.open", { conversation: this.uuid, have });
      this.#failures = 0;
      const isBehind = this.#isStale || revision > this.revision || (!this.dataset.view && (leaf ?? "") !== this.dataset.leaf);
      if (isBehind && this.orders.isAsking) this.orders.isBehind = true;
      else if (isBehind) await this.refresh();
    } catch (error) {
      if (!(error instanceof OrderError)) throw error;
      if (error.code !== "not_found") return this.#openLater();
      const why = "This conversation was deleted, or is yours to read no more.";
      this.#timer = setTimeout(() => this.leave(why), AGAIN_AFTER); // the frame that says which may be on its way
    }
  }

  #openLater() {
    this.#timer = setTimeout(() => this.open(), AGAIN_AFTER * 2 ** Math.min(5, this.#failures++));
  }

  /** Fetch the newest messages in the place of those shown; `keep` names an article that stays where it is.
   * @param {{id: string, becomes: string}} [keep] */
  refresh(keep) {
    this.#refreshing ??= this.#refresh(keep).finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** @param {{id: string, becomes: string}} [keep] */
  async #refresh(keep) {
    if (!this.uuid) return;
    let page, tries = LOG_TRIES;
    do page = await this.log.fetchPage(this.log.query);
    while (page && page.revision < this.revision && --tries); // frames overtook it
    this.#isStale = !page;
    if (!page) return this.#openLater();
    this.log.swap(page, keep);
    this.reached(page.revision, page.leaf);
    this.runs.forget();
    this.showRunning();
    this.open(true); // not awaited: it may come to wait for this
  }

  /** The page is as far as this. @param {number} revision @param {string} [leaf] */
  reached(revision, leaf) {
    this.dataset.revision = String(Math.max(revision, this.revision));
    if (leaf !== undefined) this.dataset.leaf = leaf;
  }

  /** This page began without a conversation and has one now.
   * @param {{conversation: string, url: string, title: string}} reply */
  begin({ conversation, url, title }) {
    this.dataset.conversation = conversation;
    history.pushState(null, "", url);
    this.#path = location.pathname;
    this.titled(title);
    this.composer?.moved();
    dispatchEvent(new CustomEvent("conversation-begun", { detail: conversation }));
    this.open();
    this.#furnish(url);
  }

  /** The heading of a conversation can rename it: it comes from the page that is now ours. @param {string} url */
  async #furnish(url) {
    const response = await fetch(url).catch(() => null);
    const heading = this.querySelector(".topbar__title");
    if (!response?.ok || response.redirected || !heading) return;
    const page = fragment(await response.text());
    heading.replaceWith(...page.querySelectorAll(".topbar__title, #rename"));
    this.querySelector(".topbar__space")?.after(...page.querySelectorAll(".topbar [data-own]"));
    this.querySelector(".topbar__temporary")?.remove();
    this.querySelector(".dock__note")?.replaceWith(...page.querySelectorAll(".dock__note"));
  }

  /** @param {string | undefined} title */
  titled(title) {
    const heading = this.querySelector(".topbar__title");
    if (!title || !heading) return;
    (heading.querySelector("bdi") ?? heading).textContent = title;
    const field = this.querySelector("#rename-title");
    if (field instanceof HTMLInputElement && field !== document.activeElement) field.value = title;
    document.title = `${title} · chatsite`;
  }

  /** This conversation is gone: begin a new one. @param {string} why */
  leave(why) {
    clearTimeout(this.#timer);
    if (this.hasAttribute("data-leaving")) return; // the sidebar deletes it and offers to undo that
    toastOnNextPage(why);
    location.assign("/");
  }

  showRunning() {
    this.composer?.setRunning(Boolean(this.running));
  }

  /** Messages from another tab. @param {any} frame */
  #added({ html, parent, messages, revision }) {
    if (this.orders.isAsking) this.orders.isBehind = true; // two wrote at once
    if (this.orders.isAsking) return;
    // what somebody else wrote just before, told after the reply to our own: ours has a sibling now
    if (revision <= this.revision) return void (this.article(messages[0]) || this.refresh());
    const above = this.article(parent);
    const again = messages.length === 1 ? this.article(messages[0]) : null;
    if (revision !== this.revision + 1 || this.log.isCut || this.dataset.view || (!above && !again && this.last)) return void this.refresh();
    const articles = [...fragment(html).querySelectorAll("article")];
    decorate(articles);
    if (again) again.replaceWith(...articles);
    else {
      while (above?.nextElementSibling) above.nextElementSibling.remove();
      this.column.append(...articles);
    }
    this.reached(revision, messages.at(-1));
    this.log.added(articles.length);
    this.showRunning();
  }
}

customElements.define("chat-conversation", ChatConversation);
