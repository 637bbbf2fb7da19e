/**
 * The pictures of a message that is being written: sent to the server as they come, listed above the text with what
 * goes wrong in words, and part of the draft. Loaded when the first one comes; `Pictures` in messages.js does that.
 */
import { Attachment } from "attachment";
import { hostOf, whyBlind } from "pictures";
import { announce } from "status";
import { upload } from "uploads";

export { dress } from "pictures";

const MOST = 20;
const KINDS = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/** @typedef {import("pictures").Picture} Picture */

export class Attachments {
  #composer;
  #list;

  /** @param {import("composer").ChatComposer} composer */
  constructor(composer) {
    this.#composer = composer;
    this.#list = /** @type {HTMLElement} */ (composer.querySelector(".attachments"));
    const leave = () => composer.form.classList.remove("composer--over");
    document.addEventListener("dragleave", (event) => event.relatedTarget || leave());
    document.addEventListener("drop", leave);
  }

  /** Files are held over the page. */
  over() {
    this.#composer.form.classList.add("composer--over");
  }

  /** Why the chosen model takes no pictures, or nothing; shown where pictures are added. */
  check() {
    const part = (/** @type {string} */ selector) => /** @type {any} */ (this.#composer.querySelector(selector));
    const why = whyBlind(/** @type {any} */ (this.#composer.form.elements).model.value);
    const button = part(".composer__attach");
    button.title = why || "Add pictures";
    button.toggleAttribute("data-blind", Boolean(why));
    part(".attach__why").textContent = why;
    part(".attach__why").hidden = !why;
    part("#attach fieldset").disabled = Boolean(why);
    return why;
  }

  /** Why the message can't go out with its pictures as they are, or nothing. */
  whyNot() {
    if (!this.#list.childElementCount) return "";
    if (this.#list.querySelector('[data-state="failed"]')) return "Remove the picture that could not be added first.";
    if (this.#list.querySelector('[data-state="running"]')) return "The pictures are still on their way. Wait a moment.";
    if (this.#list.childElementCount > MOST) return `At most ${MOST} pictures go with one message.`;
    const why = this.check();
    return why && `${why} Or take the pictures out.`;
  }

  clear() {
    this.#list.replaceChildren();
  }

  /** List pictures from before. @param {Picture[]} pictures */
  restore(pictures) {
    for (const box of this.#list.querySelectorAll('[type="checkbox"]')) box.closest("li")?.remove(); // without script
    for (const picture of pictures) this.#add(picture.name ?? "").settle(picture);
  }

  /** Files that were pasted, dropped or chosen. @param {File[]} files */
  add(files) {
    this.#close();
    /** @type {any} */ (this.#composer.form.elements).files.value = "";
    const why = this.check();
    this.#composer.say(why);
    if (why) return;
    for (const file of files) this.#send(file);
    this.#composer.field.focus();
  }

  /** The address that was typed. */
  link() {
    const field = /** @type {HTMLInputElement} */ (this.#composer.querySelector("#attach-address"));
    const url = field.value.trim();
    const isGood = URL.canParse(url) && /^https?:\/\/\S+$/i.test(url);
    const why = isGood ? this.check() : "The address of a picture begins with https:// and has no blanks.";
    this.#composer.say(why);
    if (why) return field.focus();
    field.value = "";
    this.#close();
    this.#add(hostOf(url)).settle({ url, detail: "auto", description: "" });
    this.#composer.field.focus();
  }

  #close() {
    const panel = /** @type {HTMLElement} */ (this.#composer.querySelector("#attach"));
    if (panel.matches(":popover-open")) panel.hidePopover();
  }

  /** @param {string} name */
  #add(name) {
    const item = new Attachment(name, () => this.#composer.changed());
    this.#list.append(item.element);
    item.element.scrollIntoView({ block: "nearest", inline: "nearest" });
    return item;
  }

  /** @param {File} file */
  async #send(file) {
    const item = this.#add(file.name);
    const limit = Number(this.#list.dataset.limit);
    if (!KINDS.includes(file.type)) return item.fail("This is no picture that can be used: PNG, JPEG, WebP and GIF are.");
    if (file.size > limit) return item.fail(`It is larger than ${limit / 1e6} MB, the most that can be added.`);
    item.progress(0);
    const { signal } = item.removal;
    const progress = (/** @type {number} */ part) => item.progress(part);
    try {
      const { id, note, ...made } = await upload(this.#list.dataset.url ?? "", file, { progress, signal });
      item.settle({ file: id, detail: "auto", description: "", ...made });
      item.note(note);
      announce(`${made.name} is added. ${note}`);
    } catch (error) {
      item.fail(/** @type {Error} */ (error).message);
    }
  }
}
