/** `<chat-picker>`: which model answers the next message. Those used lately stand first. */
import { announce } from "status";

const RECENT = 5;
const KEY = `${document.body.dataset.user ?? ""}:models`;

/** @returns {string[]} */
function recentModels() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

class ChatPicker extends HTMLElement {
  /** @type {HTMLElement} */ menu;
  /** @type {HTMLInputElement} */ filter;
  /** In the admin's order. @type {{group: Element, options: HTMLElement[]}[]} */ #shelves = [];

  connectedCallback() {
    this.menu = /** @type {HTMLElement} */ (this.querySelector("#picker"));
    this.filter = /** @type {HTMLInputElement} */ (this.querySelector(".picker__filter"));
    const groups = [...this.menu.querySelectorAll(".picker__group")];
    this.#shelves = groups.map((group) => ({ group, options: [...group.querySelectorAll('[role="option"]')] }));
    this.filter.addEventListener("input", () => this.#filtered());
    this.menu.addEventListener("keydown", (event) => this.#pressed(event));
    this.menu.addEventListener("click", (event) => this.#clicked(event));
    this.menu.addEventListener("beforetoggle", (event) => event.newState === "open" && this.#opening());
    this.menu.addEventListener("toggle", (event) => event.newState === "open" && this.filter.focus());
  }

  get #options() {
    return /** @type {HTMLElement[]} */ ([...this.menu.querySelectorAll('[role="option"]')]);
  }

  get #shown() {
    return this.#options.filter((option) => !option.hidden);
  }

  get #active() {
    return this.#shown.find((option) => option.id === this.filter.getAttribute("aria-activedescendant"));
  }

  #opening() {
    this.filter.value = "";
    const recent = recentModels();
    const rank = (/** @type {HTMLElement} */ option) => (recent.indexOf(option.dataset.model ?? "") + 1 || 99);
    const best = (/** @type {HTMLElement[]} */ options) => Math.min(...options.map(rank));
    const shelves = this.#shelves.map(({ group, options }) => ({ group, options: options.toSorted((a, b) => rank(a) - rank(b)) }));
    for (const { group, options } of shelves.sort((a, b) => best(a.options) - best(b.options))) {
      group.append(...options);
      group.parentElement?.append(group);
    }
    this.#filtered();
  }

  #filtered() {
    const words = this.filter.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    for (const option of this.#options) {
      const label = option.closest(".picker__group")?.getAttribute("aria-label");
      const text = `${label} ${option.dataset.name} ${option.textContent}`.toLocaleLowerCase();
      option.hidden = !words.every((word) => text.includes(word));
    }
    for (const group of /** @type {NodeListOf<HTMLElement>} */ (this.menu.querySelectorAll(".picker__group"))) {
      group.hidden = !group.querySelector('[role="option"]:not([hidden])');
    }
    const none = this.menu.querySelector(".picker__none");
    if (none instanceof HTMLElement) none.hidden = this.#shown.length > 0;
    const chosen = this.#shown.find((option) => option.ariaSelected === "true");
    this.#activate((words.length ? null : chosen) ?? this.#shown[0]);
  }

  /** @param {HTMLElement | undefined} option */
  #activate(option) {
    for (const other of this.menu.querySelectorAll(".is-active")) other.classList.remove("is-active");
    this.filter.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.classList.add("is-active");
    option?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const shown = this.#shown;
    if (step) {
      const at = this.#active ? shown.indexOf(this.#active) : -1;
      this.#activate(shown.at((at + step) % shown.length));
    } else if (event.key === "Enter" && !event.isComposing) this.#choose(this.#active);
    else return;
    event.preventDefault();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const option = event.target instanceof Element ? event.target.closest('[role="option"]') : null;
    if (!(option instanceof HTMLElement) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#choose(option);
  }

  /** @param {HTMLElement | undefined} option */
  #choose(option) {
    const { model, name = "", note = "" } = option?.dataset ?? {};
    if (!model) return;
    for (const other of this.#options) other.ariaSelected = String(other === option);
    const field = document.querySelector('#composer-form [name="model"]');
    if (field instanceof HTMLInputElement) field.value = model;
    const put = (/** @type {string} */ selector, /** @type {string} */ text) => {
      const place = document.querySelector(selector);
      if (place) place.textContent = text;
    };
    put(".model__name", name);
    put(".model__note", note);
    put(".welcome__model bdi", name);
    put(".welcome__model span", option?.querySelector(".option__text")?.textContent ?? "");
    this.querySelector("#picker-button")?.setAttribute("aria-label", `Model: ${name}`);
    document.getElementById("composer-text")?.setAttribute("placeholder", `Message ${name}`);
    document.dispatchEvent(new Event("model-chosen"));
    localStorage.setItem(KEY, JSON.stringify([model, ...recentModels().filter((id) => id !== model)].slice(0, RECENT)));
    announce(`${name} answers the next message.`);
    this.menu?.hidePopover();
    document.getElementById("composer-text")?.focus();
  }
}

customElements.define("chat-picker", ChatPicker);
