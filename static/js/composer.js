/**
 * `<chat-composer>`: where one writes. What is written is kept per conversation in the browser until the server
 * has acknowledged it: as a draft while it is written, with its client id once it was sent.
 */
import { Pictures } from "messages";
import { newId, whyNot } from "orders";
import { socket } from "socket";
import { announce, store, stored } from "status";

const SAVE_AFTER = 300;
const KEPT_HOURS = 24; // a message that was sent longer ago and not acknowledged becomes a draft again
const USER = document.body.dataset.user ?? "";
/** @typedef {import("orders").Kept} Kept */

/** What was sent and not acknowledged, by client id. @param {string} key @returns {Record<string, Kept & {at: number}>} */
const sent = (key) => JSON.parse(stored(key) || "{}");

export class ChatComposer extends HTMLElement {
  /** @type {HTMLFormElement} */ form;
  /** @type {HTMLTextAreaElement} */ field;
  limit = Infinity;
  #isRunning = false;
  #timer = 0;
  /** @type {{said: string, client_id: string} | null} */ #refused = null;
  /** @type {Pictures} */ pictures;

  connectedCallback() {
    this.form = /** @type {HTMLFormElement} */ (this.querySelector("form"));
    this.field = /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
    this.limit = Number(this.field.dataset.limit);
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.field.addEventListener("keydown", (event) => this.#pressed(event));
    this.field.addEventListener("input", () => this.changed());
    this.pictures = new Pictures(this);
    addEventListener("pagehide", () => this.#save());
    document.addEventListener("visibilitychange", () => this.#save());
    this.#begin();
  }

  get #conversation() {
    return /** @type {import("conversation").ChatConversation} */ (this.closest("chat-conversation"));
  }

  /** @param {string} kind */
  #key(kind) {
    return `${USER}:${kind}:${this.#conversation.uuid || "new"}`;
  }

  async #begin() {
    await customElements.whenDefined("chat-conversation");
    if (!this.field.value) this.field.value = stored(this.#key("draft"));
    this.#fit();
    this.pictures.restore(JSON.parse(stored(this.#key("pictures")) || "[]"));
    const kept = Object.values(sent(this.#key("sent")));
    await Promise.all(kept.map((order) => this.#resume(order)));
    if (kept.length > 1) this.#conversation.refresh(); // they may be of different branches
  }

  /** What was sent before a reload and not acknowledged goes out again; the server knows its client id.
   * @param {Kept & {at: number}} kept */
  #resume({ at, ...kept }) {
    const { orders } = this.#conversation;
    if (Date.now() - at > KEPT_HOURS * 3_600_000) return this.refused(kept, "This was not sent yet.");
    return kept.type === "message.edit" ? orders.edit(kept) : orders.send(kept);
  }

  /** Remember what is on its way. @param {Kept} order */
  keep(order) {
    const key = this.#key("sent");
    store(key, JSON.stringify({ ...sent(key), [order.client_id]: { ...order, at: Date.now() } }));
  }

  /** What was on its way has arrived, or was refused. @param {string} client_id */
  acknowledged(client_id) {
    for (const key of [this.#key("sent"), `${USER}:sent:new`]) {
      const { [client_id]: _, ...rest } = sent(key);
      store(key, Object.keys(rest).length ? JSON.stringify(rest) : "");
    }
  }

  /** It was refused: it stands in the field again, first. @param {Kept} order @param {string} why */
  refused(order, why) {
    const { text, client_id, images = [] } = order;
    this.#refused = { said: JSON.stringify([text, images]), client_id };
    this.acknowledged(client_id);
    this.field.value = [text, this.field.value].filter(Boolean).join("\n\n");
    this.pictures.restore(images);
    this.changed();
    this.say(why);
    this.field.focus();
  }

  /** The conversation was begun: what is written now belongs to it. */
  moved() {
    for (const kind of ["draft", "pictures"]) store(`${USER}:${kind}:new`);
    this.#save();
    /** @type {any} */ (this.form.elements).conversation.value = this.#conversation.uuid;
  }

  /** Show Stop while an answer of this conversation runs. @param {boolean} isRunning */
  setRunning(isRunning) {
    if (!this.form) return;
    const hadFocus = document.activeElement?.closest(".composer__row");
    this.#isRunning = isRunning;
    /** @type {HTMLElement} */ (this.querySelector(".composer__stop")).hidden = !isRunning;
    /** @type {HTMLElement} */ (this.querySelector(".composer__send")).hidden = isRunning;
    if (!isRunning) this.#hint("");
    if (hadFocus && matchMedia("(hover: hover)").matches) this.field.focus(); // else a keyboard would slide in
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    if (event.submitter?.dataset.action === "starter") this.field.value = event.submitter.getAttribute("value") ?? "";
    const { address, model } = /** @type {any} */ (this.form.elements);
    const isLink = event.submitter?.dataset.action === "attach-address" || address.value;
    if (isLink) return void this.pictures.with((tray) => tray.link());
    const text = this.field.value.replace(/^(\s*\n)+/, "").trimEnd();
    const { given: images, tray } = this.pictures;
    const why = whyNot(text, this.limit) || tray?.whyNot();
    if (why) this.say(why);
    else if (!text && !images.length) return;
    else if (this.#isRunning) this.#hint("Wait for the answer to end, or stop it.");
    else if (socket.isHopeless) this.form.submit();
    else this.#send(text, images, model.value);
  }

  /** @param {string} text @param {any[]} images @param {string} model */
  #send(text, images, model) {
    const conversation = this.#conversation;
    const again = this.#refused?.said === JSON.stringify([text, images]) ? this.#refused.client_id : "";
    this.field.value = "";
    this.pictures.tray?.clear();
    this.say("");
    this.changed();
    this.#save();
    conversation.orders.send({
      type: "message.send",
      client_id: again || newId(), // it may have arrived after all
      conversation: conversation.uuid || null,
      parent: (conversation.log.isCut ? conversation.dataset.leaf : conversation.last?.dataset.message) ?? null,
      model: model || null,
      text,
      images,
      temporary: "temporary" in this.form.elements, // of a conversation that begins here
    });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing || event.keyCode === 229) return; // an input method is at work
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      const own = [...this.#conversation.querySelectorAll('article[data-role="user"] [data-action="edit"]')].at(-1);
      if (own instanceof HTMLElement) {
        event.preventDefault();
        own.click();
      }
    }
  }

  changed() {
    this.#fit();
    this.#hint("");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), SAVE_AFTER);
  }

  #save() {
    clearTimeout(this.#timer);
    store(this.#key("draft"), this.field.value);
    const { given, tray } = this.pictures;
    if (tray) store(this.#key("pictures"), given.length ? JSON.stringify(given) : "");
  }

  /** Grow with the text where style alone can't. */
  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, innerHeight * 0.4)}px`;
  }

  /** @param {string} words */
  say(words) {
    const line = /** @type {HTMLElement} */ (this.querySelector(".composer__error"));
    line.textContent = words;
    line.hidden = !words;
  }

  /** @param {string} words */
  #hint(words) {
    const line = this.querySelector(".composer__hint");
    if (line?.textContent !== words) line?.replaceChildren(words);
    if (words) announce(words);
  }
}

customElements.define("chat-composer", ChatComposer);
