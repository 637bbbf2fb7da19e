/** What the buttons in and around messages do, copying, and pictures. Without a connection they stay plain forms. */
import { edit } from "articles";
import { socket } from "socket";
import { announce, attempt, toast } from "status";

/** @typedef {import("conversation").ChatConversation} Conversation */

const DONE_FOR = 1_500;

/** Put a text on the clipboard, also while it is still being fetched, and on plain http.
 * @param {string | Promise<string>} source @returns {Promise<boolean>} */
async function copyText(source) {
  const blob = Promise.resolve(source).then((text) => new Blob([text], { type: "text/plain" }));
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return true;
  } catch {
    return copyBySelection(await source);
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return isDone;
}

/** Copy, and say so on the button. @param {string | Promise<string>} source @param {Element | null} [button] */
export async function copy(source, button) {
  const isDone = await copyText(source).catch(() => false);
  if (!isDone) {
    toast("The browser did not allow copying. Select the text and copy it by hand.");
    return;
  }
  announce("Copied.");
  const icon = button?.querySelector("use");
  if (!button || !icon || button.matches(".is-done")) return;
  const before = icon.getAttribute("href") ?? "";
  button.classList.add("is-done");
  icon.setAttribute("href", "#icon-check");
  setTimeout(() => {
    button.classList.remove("is-done");
    icon.setAttribute("href", before);
  }, DONE_FOR);
}

/** @param {HTMLElement | undefined} article @param {Element | null} [button] */
export function copyMessage(article, button) {
  if (!article) return;
  const own = article.dataset.role === "user" ? article.querySelector(".message__body")?.textContent : null;
  copy(own ?? fetchText(article.dataset.message), button);
}

/** @param {string | undefined} message */
async function fetchText(message) {
  const response = await fetch(`/messages/${message}/text/`);
  if (!response.ok || response.redirected) throw new Error("The text can't be had now.");
  return response.text();
}

/** @param {Element | null | undefined} figure @param {Element} [button] */
export function copyCode(figure, button) {
  const text = figure?.querySelector("code")?.textContent;
  if (text) copy(text.replace(/\n$/, ""), button ?? figure?.querySelector('[data-action="copy-code"]'));
}

/** @param {Element} figure */
const downloadCode = (figure) => attempt(async () => (await import("downloads")).downloadCode(figure));

/** @param {Element} figure @param {Element} button */
function wrapCode(figure, button) {
  button.setAttribute("aria-pressed", String(figure.classList.toggle("code--wrapped")));
}

/** @param {HTMLElement} article @param {Element} button */
function unfold(article, button) {
  button.setAttribute("aria-expanded", String(!article.classList.toggle("message--folded")));
}

/** Obey the buttons. @param {Conversation} conversation */
export function watchActions(conversation) {
  const { orders } = conversation;
  /** @type {HTMLElement | null} */ let asked = null; // the answer whose menu of models is open
  /** @type {Record<string, (article: HTMLElement, button: HTMLElement) => void>} */
  const ofMessages = {
    copy: copyMessage,
    unfold,
    "leave-out": (_, button) => (button.ariaPressed = String(button.ariaPressed !== "true")),
    edit: (article) => edit(conversation, article),
    again: (article) => (asked = article),
    "again-with": (article) => attempt(async () => (await import("again")).open(conversation, article)),
    without: (_, button) => attempt(async () => (await import("again")).without(button)),
    more: (article, button) => attempt(async () => (await import("more")).open(conversation, article, button)),
    continue: (article) => orders.rerun(article, "continue"),
    retry: (article) => orders.rerun(article, "retry"),
    regenerate: (article, button) => orders.regenerate(article, button.dataset.model),
    select: (article, button) => orders.select(article, button.dataset.message ?? "", button.ariaLabel ?? ""),
  };
  /** @type {Record<string, (figure: Element, button: Element) => void>} */
  const ofCode = { "copy-code": copyCode, "wrap-code": wrapCode, "download-code": downloadCode };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-action]") : null;
    if (!(button instanceof HTMLElement)) return;
    const action = button.dataset.action ?? "";
    const isForm = button.hasAttribute("formaction");
    const figure = button.closest("figure");
    const article = button.closest("article") ?? asked;
    if (isForm && socket.isHopeless) return; // the form does it
    if (action === "stop") orders.stop();
    else if (ofCode[action] && figure) ofCode[action](figure, button);
    else if (ofMessages[action] && article) ofMessages[action](article, button);
    else return;
    if (isForm || action === "more") event.preventDefault();
    const menu = button.closest("#again");
    if (menu instanceof HTMLElement) menu.hidePopover();
  });

  conversation.column.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[data-action="view"]') : null;
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    import("pictures").then(({ view }) => view(link)).catch(() => location.assign(link.href));
  });
}

/** The pictures of the message that is being written. Their module is loaded when the first one could come. */
export class Pictures {
  #composer;
  /** @type {import("attachments").Attachments | null} */ tray = null;

  /** @param {import("composer").ChatComposer} composer */
  constructor(composer) {
    this.#composer = composer;
    for (const type of ["paste", "dragover", "drop", "change"]) document.addEventListener(type, (e) => this.#brought(e));
    const check = () => this.with((tray) => tray.check());
    composer.querySelector("#attach")?.addEventListener("beforetoggle", check);
    document.addEventListener("model-chosen", check);
  }

  /** As an order names them. @returns {any[]} */
  get given() {
    return new FormData(this.#composer.form).getAll("picture").map((each) => JSON.parse(String(each)));
  }

  /** List them again, unless the form came back with its own. @param {any[]} images */
  restore(images) {
    const { given } = this;
    const wanted = given.length && !this.tray ? given : images;
    if (wanted.length) this.with((tray) => tray.restore(wanted));
  }

  /** @param {(tray: import("attachments").Attachments) => unknown} deed */
  async with(deed) {
    const module = await import("attachments").catch(() => null);
    await module?.dress();
    if (module) deed((this.tray ??= new module.Attachments(this.#composer)));
    else this.#composer.say("Pictures can't be added without a connection. Try again.");
  }

  /** Files are pasted, dropped or chosen; text that comes with a picture of itself is text. @param {any} event */
  #brought(event) {
    const { files, types = [] } = event.clipboardData ?? event.dataTransfer ?? event.target;
    const isOver = event.type === "dragover";
    const isText = event.type === "paste" && types.includes("text/plain");
    if (isText || !(isOver ? types.includes("Files") : files?.length)) return;
    event.preventDefault();
    const brought = [...files]; // the event forgets them
    this.with((tray) => (isOver ? tray.over() : tray.add(brought)));
  }
}
