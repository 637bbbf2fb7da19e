/** The tab Request: what would be sent now, kept in step with the composer and the parameters; the server renders it. */
import { fragment } from "articles";
import "request";

const REFRESH_AFTER = 200; // ms

export class RequestView {
  #inspector;
  #timer = 0;
  #count = 0;

  /** @param {import("inspector").ChatInspector} inspector */
  constructor(inspector) {
    this.#inspector = inspector;
    document.getElementById("composer-text")?.addEventListener("input", () => this.#refreshSoon());
  }

  get #isShown() {
    return this.#inspector.isOpen && this.#inspector.tab === "request";
  }

  get #shown() {
    return /** @type {import("request").ChatRequest | null} */ (this.#inspector.querySelector("chat-request"));
  }

  #refreshSoon() {
    clearTimeout(this.#timer);
    if (this.#isShown) this.#timer = setTimeout(() => this.refresh(), REFRESH_AFTER);
  }

  /** Fetch it anew, if it is looked at. */
  async refresh() {
    if (!this.#isShown) return;
    const count = (this.#count += 1);
    const response = await this.#post({ part: "request" }).catch(() => null);
    const next = response && fragment(await response.text()).querySelector("chat-request");
    if (next && count === this.#count) this.show(next);
  }

  /** Put it in the place of what is shown; the menu of languages and its focus stay. @param {Element | null} next */
  show(next) {
    const panel = this.#inspector.querySelector("#panel-request");
    if (!panel || !next) return;
    const [now, code] = [this.#shown?.querySelector(".request__code"), next.querySelector(".request__code")];
    const isSame = Boolean(this.#shown?.querySelector("select")) === Boolean(next.querySelector("select"));
    if (now && code && isSame) now.replaceWith(code);
    else panel.replaceChildren(next);
    if (!this.#shown) return;
    this.#shown.whole = (language) => this.#post({ part: "whole", language });
    this.#shown.show();
  }

  /** @param {Record<string, string>} fields */
  #post(fields) {
    return this.#inspector.post(this.#inspector.url, fields);
  }
}
