/** The tab Request: what would be sent now, kept in step with the composer and the parameters; the server renders it. */
import { fragment } from "articles";
import { copy } from "messages";

const REFRESH_AFTER = 200; // ms

export class RequestView {
  #inspector;
  #timer = 0;
  #count = 0;

  /** @param {import("inspector").ChatInspector} inspector */
  constructor(inspector) {
    this.#inspector = inspector;
    document.getElementById("composer-text")?.addEventListener("input", () => this.#refreshSoon());
    inspector.addEventListener("click", (event) => this.#clicked(event));
    inspector.addEventListener("change", (event) => this.#chosen(event));
  }

  get #panel() {
    return /** @type {HTMLElement | null} */ (this.#inspector.querySelector("#panel-request"));
  }

  get #isShown() {
    return this.#inspector.isOpen && this.#inspector.tab === "request";
  }

  #refreshSoon() {
    clearTimeout(this.#timer);
    if (this.#isShown) this.#timer = setTimeout(() => this.refresh(), REFRESH_AFTER);
  }

  /** Fetch it anew, if it is looked at. */
  async refresh() {
    if (!this.#isShown) return;
    const count = (this.#count += 1);
    const response = await this.#inspector.post(this.#inspector.url, { part: "request" }).catch(() => null);
    const view = response && fragment(await response.text()).querySelector(".request");
    if (count !== this.#count || !view || !this.#panel) return;
    const now = this.#panel.querySelector(".request");
    const old = now?.querySelector(".request__code");
    const code = view.querySelector(".request__code");
    if (old && code) old.replaceWith(code); // the menu and its focus stay
    else this.#panel.replaceChildren(view);
    this.#showLanguage();
  }

  #showLanguage() {
    const menu = /** @type {HTMLSelectElement | null | undefined} */ (this.#panel?.querySelector("select[data-languages]"));
    const figures = /** @type {NodeListOf<HTMLElement> | undefined} */ (this.#panel?.querySelectorAll("figure[data-language]"));
    if (!menu) return;
    const known = localStorage.getItem("language") ?? "";
    if ([...menu.options].some((option) => option.value === known)) menu.value = known;
    for (const figure of figures ?? []) figure.hidden = figure.dataset.language !== menu.value;
  }

  /** @param {Event} event */
  #chosen(event) {
    if (!(event.target instanceof HTMLSelectElement) || !event.target.matches("[data-languages]")) return;
    localStorage.setItem("language", event.target.value);
    this.#showLanguage();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = event.target instanceof Element ? event.target.closest('[data-action="copy-request"]') : null;
    const menu = this.#panel?.querySelector("select[data-languages]");
    if (button && menu instanceof HTMLSelectElement) copy(this.#whole(menu.value), button);
  }

  /** Nothing shortened. @param {string} language @returns {Promise<string>} */
  async #whole(language) {
    const response = await this.#inspector.post(this.#inspector.url, { part: "whole", language });
    if (!response.ok || response.redirected) throw new Error("The request can't be had now.");
    return response.text();
  }
}
