/**
 * `<chat-inspector>`: parameters, card and request beside the conversation. The server renders it; what is changed is
 * kept with the conversation at once, for a new one it goes with the first message. Loaded when it is first opened.
 */
import { fragment } from "articles";
import { clear, collect, fill, follow } from "inspector-values";
import { merge, showTab, watchTabs } from "inspector-view";
import { RequestView } from "inspector-request";
import { announce, toast } from "status";

const SAVE_AFTER = 300; // ms

export class ChatInspector extends HTMLElement {
  tab = "parameters";
  #edits = 0; // counts changes, to see whether an answer is about the newest
  #isUnsaved = false; // the conversation does not have what the form says
  #timer = 0;
  /** @type {Promise<void> | null} */ #busy = null;
  /** @type {RequestView} */ request;

  connectedCallback() {
    this.request = new RequestView(this);
    this.addEventListener("input", (event) => this.#changed(/** @type {any} */ (event.target)));
    this.addEventListener("submit", (event) => this.#submitted(event));
    watchTabs(this, () => this.request.refresh());
    document.addEventListener("model-chosen", () => this.switchModel());
    this.conversation.addEventListener("order-accepted", () => this.#accepted());
    this.conversation.addEventListener("order-refused", (event) => this.#refused(/** @type {CustomEvent} */ (event).detail));
    this.conversation.orders.chosen = () => this.chosen();
    document.addEventListener("visibilitychange", () => this.#catchUp());
  }

  get conversation() {
    return /** @type {import("conversation").ChatConversation} */ (document.querySelector("chat-conversation"));
  }

  get inner() {
    return /** @type {HTMLElement | null} */ (this.querySelector(".inspector__inner"));
  }

  get form() {
    return /** @type {HTMLFormElement | null} */ (this.querySelector("form"));
  }

  /** Where the inspector of this conversation is, or of a new one. */
  get url() {
    return this.conversation.uuid ? `/conversations/${this.conversation.uuid}/inspector/` : "/inspector/";
  }

  get #model() {
    const field = document.querySelector('#composer-form [name="model"]');
    return field instanceof HTMLInputElement ? field.value : "";
  }

  get isOpen() {
    return this.checkVisibility();
  }

  /** A message went out: what is set is the conversation's now, which has one more message. */
  #accepted() {
    if (!this.form) return;
    this.#isUnsaved = false;
    this.#run(() => this.post(this.url));
  }

  /** What the next message carries: nothing where the conversation has it already.
   * @returns {object | Promise<object>} */
  chosen() {
    if (this.#busy && this.inner?.dataset.model !== this.#model) return this.#busy.then(() => this.chosen());
    const { form, inner } = this;
    const { uuid } = this.conversation;
    if (!form || !inner || (uuid && inner.dataset.model !== this.#model)) return {};
    const parameters = collect(form);
    const isPlain = !Object.keys(parameters).length && inner.dataset.format === inner.dataset.usual;
    if (uuid ? !this.#isUnsaved : isPlain) return {};
    return { format: this.#format, parameters };
  }

  get #format() {
    return this.form ? String(new FormData(this.form).get("format") ?? "") : "";
  }

  /** Fetch it, if that has not been done. @returns {Promise<void>} */
  load() {
    return this.form ? Promise.resolve() : this.#run(() => this.#get());
  }

  #get() {
    return fetch(`${this.url}?${new URLSearchParams({ fragment: "1", model: this.#model, tab: this.tab })}`);
  }

  /** Another tab may have changed what the conversation has. */
  #catchUp() {
    if (!document.hidden && this.form && this.conversation.uuid && !this.#isUnsaved) this.#run(() => this.#get());
  }

  /** Another model: the values that fit come along. One request, none to any provider. */
  async switchModel() {
    const isLoaded = Boolean(this.form);
    this.#isUnsaved ||= isLoaded; // else the server takes along what fits, as it is shown here
    this.#edits += 1;
    await (isLoaded ? this.#run(() => this.post(this.url)) : this.load());
    const dropped = Number(this.inner?.dataset.dropped);
    if (dropped) (this.isOpen ? announce : toast)(this.querySelector(".left-out")?.textContent?.replace(/\s+/g, " ") ?? "");
  }

  /** Post the form as it is, but for `fields`. @param {string} url @param {Record<string, string>} [fields] */
  post(url, fields = {}) {
    const body = new FormData(this.form ?? undefined);
    const text = document.getElementById("composer-text");
    const said = text instanceof HTMLTextAreaElement ? text.value : "";
    const all = { fragment: "1", model: this.#model, tab: this.tab, text: said, ...fields };
    for (const [name, value] of Object.entries(all)) body.set(name, value);
    return fetch(url, { method: "POST", body });
  }

  /** One request after the other; the last answer is shown. @param {() => Promise<Response>} ask @param {string} [fresh] */
  #run(ask, fresh) {
    const asked = (this.#busy ?? Promise.resolve()).then(() => this.#show(ask, fresh));
    this.#busy = asked;
    return asked.finally(() => this.#busy === asked && (this.#busy = null));
  }

  /** @param {() => Promise<Response>} ask @param {string} [fresh] id of a row that is shown anew though it has the focus */
  async #show(ask, fresh) {
    const edit = this.#edits;
    const response = await ask().catch(() => null);
    const next = response && fragment(await response.text()).querySelector(".inspector__inner");
    if (!(next instanceof HTMLElement)) return this.#failed();
    if (edit !== this.#edits && this.inner) return; // what was typed since is on its way
    if (response?.ok && next.dataset.model === this.#model && response.url.endsWith("/parameters/")) this.#isUnsaved = false;
    const request = next.querySelector("chat-request");
    merge(this, next, fresh);
    showTab(this, this.tab);
    if (request) this.request.show(request);
    else this.request.refresh();
  }

  #failed() {
    if (this.inner) return void toast("The server can't be reached. What you set goes with your next message.");
    const line = document.createElement("p");
    line.className = "inspector__failed";
    line.textContent = "This can't be loaded now. Close it and open it again.";
    this.replaceChildren(line);
  }

  /** @param {HTMLInputElement & HTMLSelectElement} field */
  #changed(field) {
    if (!field.closest("form")) return;
    if (field.dataset.template) fill(field);
    else follow(field);
    this.#edits += 1;
    this.#isUnsaved = true;
    if (field.name === "format") this.#run(() => this.post(this.url));
    else this.#saveSoon(["radio", "checkbox"].includes(field.type) || field.matches("select") ? 0 : SAVE_AFTER);
  }

  /** @param {number} delay @param {string} [fresh] */
  #saveSoon(delay, fresh) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(fresh), delay);
  }

  /** @param {string} [fresh] */
  #save(fresh) {
    const { uuid } = this.conversation;
    return this.#run(() => this.post(uuid ? `/conversations/${uuid}/parameters/` : this.url), fresh);
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    const row = button?.closest(".param");
    this.#edits += 1;
    if (button?.dataset.deed === "reset") {
      this.#isUnsaved = true;
      for (const each of row ? [row] : this.querySelectorAll(".param")) clear(each);
      this.#saveSoon(0, row?.id ?? "all");
    } else if (button?.dataset.deed) {
      const forget = button.dataset.deed === "forget" ? { forget: "1" } : {};
      this.#run(() => this.post(button.formAction, /** @type {any} */ (forget)));
    } else this.#saveSoon(0);
  }

  /** A message was refused for a parameter: show which, and why. @param {{field: string}} error */
  async #refused({ field }) {
    const row = () => this.querySelector(`.param[data-name="${CSS.escape(field)}"]`);
    if (!field || !row()) return;
    this.tab = "parameters";
    if (!this.isOpen) this.dispatchEvent(new Event("wanted", { bubbles: true }));
    await this.#save();
    row()?.closest("details")?.setAttribute("open", "");
    /** @type {HTMLElement | null | undefined} */ (row()?.querySelector("[name]:not(.param__reset)"))?.focus();
  }
}

customElements.define("chat-inspector", ChatInspector);
