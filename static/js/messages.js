/** What the buttons in and around messages do, and copying. Without a connection they stay plain forms. */
import { clone } from "articles";
import { newId, whyNot } from "orders";
import { socket } from "socket";
import { announce, toast } from "status";

/** @typedef {import("conversation").ChatConversation} Conversation */

const DONE_FOR = 1_500;
const EXTENSIONS = {
  bash: "sh", c: "c", console: "sh", cpp: "cpp", csharp: "cs", css: "css", diff: "diff", go: "go", html: "html",
  java: "java", javascript: "js", json: "json", jsx: "jsx", kotlin: "kt", latex: "tex", lua: "lua", markdown: "md",
  php: "php", python: "py", r: "r", ruby: "rb", rust: "rs", scala: "scala", shell: "sh", sql: "sql", swift: "swift",
  toml: "toml", tsx: "tsx", typescript: "ts", xml: "xml", yaml: "yaml",
};

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
function downloadCode(figure) {
  const code = figure.querySelector("code");
  const language = code?.className.match(/language-([\w+#-]+)/)?.[1] ?? "";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([code?.textContent ?? ""], { type: "text/plain" }));
  link.download = `code.${/** @type {Record<string, string>} */ (EXTENSIONS)[language] ?? "txt"}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** @param {Element} figure @param {Element} button */
function wrapCode(figure, button) {
  button.setAttribute("aria-pressed", String(figure.classList.toggle("code--wrapped")));
}

/** @param {HTMLElement} article @param {Element} button */
function unfold(article, button) {
  button.setAttribute("aria-expanded", String(!article.classList.toggle("message--folded")));
}

/** Write a person's message anew, in its place. @param {Conversation} conversation @param {HTMLElement} article */
function edit(conversation, article) {
  const form = /** @type {HTMLFormElement | null} */ (clone("template-edit"));
  const field = form?.querySelector("textarea");
  if (!form || !field || !article.dataset.message || article.querySelector(".edit")) return;
  const before = article.querySelector(".message__body")?.textContent ?? "";
  const close = () => {
    form.remove();
    article.focus({ preventScroll: true });
  };
  field.value = before;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    const why = text ? whyNot(text, conversation.composer?.limit ?? Infinity) : "There is nothing to send yet.";
    const line = form.querySelector(".edit__error");
    if (line) line.textContent = why;
    if (why) return;
    form.remove();
    if (text === before.trim()) return;
    conversation.orders.edit({ type: "message.edit", client_id: newId(), message: article.dataset.message, text });
    conversation.composer?.field.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && !event.shiftKey && event.target === field) form.requestSubmit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  form.querySelector('[data-action="cancel-edit"]')?.addEventListener("click", close);
  article.append(form);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

/** Obey the buttons. @param {Conversation} conversation */
export function watchActions(conversation) {
  const { orders } = conversation;
  /** @type {HTMLElement | null} */ let asked = null; // the answer whose menu of models is open
  /** @type {Record<string, (article: HTMLElement, button: HTMLElement) => void>} */
  const ofMessages = {
    copy: copyMessage,
    unfold,
    edit: (article) => edit(conversation, article),
    again: (article) => (asked = article),
    continue: (article) => orders.rerun(article, "continue"),
    retry: (article) => orders.rerun(article, "retry"),
    regenerate: (article, button) => orders.regenerate(article, button.dataset.model),
    select: (article, button) => orders.select(article, button.dataset.message ?? "", button.ariaLabel ?? ""),
  };
  /** @type {Record<string, (figure: Element, button: Element) => void>} */
  const ofCode = { "copy-code": copyCode, "wrap-code": wrapCode, "download-code": downloadCode };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-action]") : null;
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
    if (isForm) event.preventDefault();
    const menu = button.closest("#again");
    if (menu instanceof HTMLElement) menu.hidePopover();
  });
}
