/** `<chat-request>`: a request as code, in the language one likes, to be copied whole. */
import { copy } from "messages";

const KEY = "language";

export class ChatRequest extends HTMLElement {
  /** Gets the whole text in a language, nothing shortened; where there is no `data-whole` to fetch it from.
   * @type {((language: string) => Promise<Response>) | null} */
  whole = null;

  connectedCallback() {
    this.addEventListener("change", () => this.#chosen());
    this.addEventListener("click", (event) => this.#clicked(event));
    const known = localStorage.getItem(KEY) ?? "";
    if (this.#menu && [...this.#menu.options].some((option) => option.value === known)) this.#menu.value = known;
    this.show();
  }

  get #menu() {
    return /** @type {HTMLSelectElement | null} */ (this.querySelector("[data-languages]"));
  }

  #chosen() {
    localStorage.setItem(KEY, this.#menu?.value ?? "");
    this.show();
  }

  /** Only the chosen language. */
  show() {
    for (const snippet of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-language]"))) {
      snippet.hidden = snippet.dataset.language !== this.#menu?.value;
    }
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = event.target instanceof Element ? event.target.closest('[data-action="copy-request"]') : null;
    if (button) copy(this.#text(this.#menu?.value ?? ""), button);
  }

  /** @param {string} language */
  async #text(language) {
    const response = await (this.whole?.(language) ?? fetch(`${this.dataset.whole}?language=${language}`));
    if (!response.ok || response.redirected) throw new Error("The request can't be had now.");
    return response.text();
  }
}

customElements.define("chat-request", ChatRequest);
