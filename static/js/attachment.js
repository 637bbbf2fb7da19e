/** One picture in the list above the text: on its way, there with its description and detail, or failed, with why. */
import { clone } from "articles";
import { hostOf, thumbnailOf } from "pictures";

/** @typedef {import("pictures").Picture} Picture */

export class Attachment {
  #changed;
  /** Ends when it is removed. */
  removal = new AbortController();

  /** @param {string} name @param {() => void} changed what it is, or that it is there at all */
  constructor(name, changed) {
    this.#changed = changed;
    this.element = /** @type {HTMLElement} */ (clone("template-attachment"));
    this.#part('[data-part="settings"]').hidden = true;
    this.#part("progress").hidden = true;
    this.#part('[data-part="remove"]').addEventListener("click", () => this.#remove());
    this.#name(name);
  }

  /** @param {string} selector @returns {any} */
  #part(selector) {
    return this.element.querySelector(selector);
  }

  /** @param {string} name */
  #name(name) {
    this.#part(".attachment__name").textContent = name;
    this.#part('[data-part="remove"]').ariaLabel = `Remove ${name}`;
    this.#part('[data-part="settings"]').ariaLabel = `Description and detail of ${name}`;
  }

  /** @param {number} part of it that has been sent; at the end the server is at work */
  progress(part) {
    const bar = this.#part("progress");
    this.element.dataset.state = "running";
    bar.hidden = false;
    if (part < 1) bar.value = part;
    else bar.removeAttribute("value");
  }

  /** @param {string} words */
  note(words) {
    this.#part(".attachment__note").textContent = words;
  }

  /** @param {string} why */
  fail(why) {
    if (!why) return;
    this.element.dataset.state = "failed";
    this.#part("progress").hidden = true;
    this.#part('[data-part="settings"]').hidden = true;
    this.#part('[name="picture"]').disabled = true;
    this.#part(".attachment__note").role = "alert";
    this.note(why);
    this.element.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#changed();
  }

  /** It is there: show it, and let it be described. @param {Picture} picture */
  settle({ file, url = "", detail, description, name = hostOf(url), width, height }) {
    const [hidden, settings, image] = ['[name="picture"]', '[data-part="settings"]', "img"].map((s) => this.#part(s));
    const [text, choice] = [this.#part("textarea"), this.#part("select")];
    const keep = () => {
      const named = file ? { file, name, width, height } : { url };
      hidden.value = JSON.stringify({ ...named, detail: choice.value, description: text.value.trim() });
      settings.classList.toggle("is-set", Boolean(text.value.trim() || choice.value !== "auto"));
      this.#changed();
    };
    this.element.dataset.state = "there";
    this.#name(name);
    this.#part("progress").hidden = true;
    [text.value, choice.value] = [description ?? "", detail || "auto"];
    for (const field of [text, choice]) field.addEventListener("input", keep);
    settings.popoverTargetElement = this.#part("[popover]");
    settings.hidden = hidden.disabled = image.hidden = false;
    image.addEventListener("error", () => this.fail("It isn't on the server any more. Add it again."));
    if (file) image.src = thumbnailOf(file);
    else image.hidden = true;
    if (url) this.note("Linked");
    keep();
  }

  #remove() {
    const next = this.element.nextElementSibling ?? this.element.previousElementSibling;
    const other = /** @type {HTMLElement | null | undefined} */ (next?.querySelector('[data-part="remove"]'));
    this.removal.abort();
    this.element.remove();
    (other ?? document.getElementById("composer-text"))?.focus();
    this.#changed();
  }
}
