/** Articles of the log: HTML from the server becomes nodes here, new ones are cloned, a person's can be rewritten. */

/** The only place where a string becomes elements: HTML from our own server, sanitised there.
 * @param {string} html @returns {DocumentFragment} */
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Clone the first element of a `<template>`. @param {string} id @returns {HTMLElement | null} */
export function clone(id) {
  const template = document.getElementById(id);
  const element = template instanceof HTMLTemplateElement ? template.content.firstElementChild : null;
  return /** @type {HTMLElement | null} */ (element?.cloneNode(true) ?? null);
}

/** Make `old` look like `next` with as few changes as possible; `next` is consumed. Returns what now stands there.
 * @param {Node} parent @param {Node[]} old @param {Node[]} next @param {Node | null} after @returns {Node[]} */
export function morph(parent, old, next, after) {
  const now = next.map((node, i) => (old[i] ? reuse(old[i], node) : parent.insertBefore(node, after)));
  for (const extra of old.slice(next.length)) parent.removeChild(extra);
  return now;
}

/** As `morph`, for one node. @param {any} old @param {any} next @returns {Node} */
export function reuse(old, next) {
  if (old.isEqualNode(next)) return old;
  if (old.nodeName !== next.nodeName || (old.attributes && !hasSameAttributes(old, next))) {
    old.replaceWith(next);
    return next;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (!next.data.startsWith(old.data)) { // other words: in the old node they would count as having moved here
      old.replaceWith(next);
      return next;
    }
    old.appendData(next.data.slice(old.data.length));
  } else if (old.nodeName === "FIGCAPTION") {
    reuse(old.firstChild, next.firstChild); // what follows the label are our buttons
  } else morph(old, [...old.childNodes], [...next.childNodes], null);
  return old;
}

/** A figure's class also says whether the reader has its lines wrapped. @param {Element} old @param {Element} next */
function hasSameAttributes(old, next) {
  if (old.nodeName === "FIGURE") return true;
  return old.attributes.length === next.attributes.length
    && [...next.attributes].every(({ name, value }) => old.getAttribute(name) === value);
}

/** Give code blocks their buttons, and calls of tools their script. @param {Iterable<Node>} nodes */
export function decorate(nodes) {
  for (const node of nodes) {
    if (!(node instanceof Element)) continue;
    if (node.matches("[data-needs]") || node.querySelector("[data-needs]")) {
      import("tools").then(({ equip }) => equip(node));
    }
    const bars = node.matches("figure.code") ? node.children : node.querySelectorAll("figure.code > figcaption");
    for (const bar of bars) {
      if (bar.nodeName !== "FIGCAPTION" || bar.childElementCount > 1) continue;
      const template = document.getElementById("template-code-buttons");
      if (template instanceof HTMLTemplateElement) bar.append(template.content.cloneNode(true));
    }
  }
}

/** Whoever has the focus within has it after a change: what bears its id now, else its message.
 * @param {Element} within @param {() => void} change */
export function keepFocus(within, change) {
  const before = document.activeElement;
  const hadFocus = before instanceof HTMLElement && within.contains(before);
  const ids = hadFocus ? [before.id, before.closest("article")?.id ?? ""] : [];
  change();
  if (!hadFocus || within.contains(document.activeElement)) return;
  const after = before.isConnected ? before : document.getElementById(ids[0]) ?? document.getElementById(ids[1]);
  if (after !== before && after instanceof HTMLTextAreaElement && before instanceof HTMLTextAreaElement) {
    after.setSelectionRange(before.selectionStart, before.selectionEnd);
  }
  after?.focus({ preventScroll: true });
}

/** A question that is on its way. @param {string} text */
export function newQuestion(text) {
  const article = clone("template-question");
  const body = article?.querySelector(".message__body");
  if (!article || !body) throw new Error("template-question is missing");
  body.textContent = text;
  const [characters, lines] = (article.dataset.fold ?? "").split(" ").map(Number);
  const isLong = [...text].length > characters || text.split("\n").length > lines;
  if (isLong) article.classList.add("message--folded");
  else article.querySelector(".message__unfold")?.remove();
  article.classList.add("is-unsent");
  return article;
}

/** The place of an answer that was asked for. @param {string} modelName */
export function newAnswer(modelName) {
  const article = clone("template-answer");
  if (!article) throw new Error("template-answer is missing");
  article.dataset.status = "queued";
  nameModel(article, modelName);
  return article;
}

/** @param {HTMLElement} article @param {string | undefined} name */
export function nameModel(article, name) {
  const place = article.querySelector(".message__by bdi");
  if (!place || !name) return;
  place.textContent = name;
  article.setAttribute("aria-label", name);
}

/** Give an article its ids once the server has made its message.
 * @param {HTMLElement} article @param {string} message @param {string} parent */
export function identify(article, message, parent) {
  article.id = `message-${message}`;
  article.dataset.message = message;
  article.dataset.parent = parent;
  article.classList.remove("is-unsent");
}

/** Say what an answer waits for; without words nothing is said. @param {Element} article @param {string} words */
export function setState(article, words) {
  let line = article.querySelector(".message__state");
  if (!line && words) {
    line = clone("template-answer")?.querySelector(".message__state") ?? null;
    if (line) article.querySelector(".message__end")?.replaceChildren(line);
  }
  if (!(line instanceof HTMLElement)) return;
  if (line.hidden === Boolean(words)) line.hidden = !words;
  const place = line.querySelector(".message__words");
  if (place && words && place.textContent !== words) place.textContent = words;
}

/** Put an end in the place of the article's: HTML from the server, or an element. It holds the calls that were shown
 * as they were written. @param {Element} article @param {string | Element} end */
export function setEnd(article, end) {
  article.querySelector(".calls--live")?.remove();
  const old = article.querySelector(".message__end");
  const next = typeof end === "string" ? fragment(end) : end;
  const isWhole = next instanceof Element || next.firstElementChild?.matches(".message__end");
  if (isWhole) old?.replaceWith(next);
  else old?.replaceChildren(next);
  decorate(article.querySelectorAll(".message__end"));
}

/** A random UUID; `crypto.randomUUID` is missing on plain http. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Why a text can't be sent, or nothing. Characters are counted as the server counts them.
 * @param {string} text @param {number} limit */
export function whyNot(text, limit) {
  if (text.length <= limit) return "";
  const count = [...text].length;
  if (count <= limit) return "";
  return `This has ${count.toLocaleString()} characters; ${limit.toLocaleString()} is the most. Shorten or divide it.`;
}

/** Write a person's message anew, in its place.
 * @param {import("conversation").ChatConversation} conversation @param {HTMLElement} article */
export function edit(conversation, article) {
  const form = /** @type {HTMLFormElement | null} */ (clone("template-edit"));
  const field = form?.querySelector("textarea");
  if (!form || !field || !article.dataset.message || article.querySelector(".edit")) return;
  const before = article.querySelector(".message__body")?.textContent ?? "";
  const pictures = /** @type {HTMLElement[]} */ ([...article.querySelectorAll(".picture")]);
  const left = () => pictures.filter((each) => each.querySelector('[aria-pressed="false"]'));
  const end = () => {
    form.remove();
    for (const each of pictures) each.querySelector("button")?.setAttribute("aria-pressed", "false");
  };
  const close = () => {
    end();
    article.focus({ preventScroll: true });
  };
  field.value = before;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    const images = left().map((each) => JSON.parse(each.dataset.picture ?? ""));
    const isEmpty = !text && !images.length;
    const why = isEmpty ? "There is nothing to send yet." : whyNot(text, conversation.composer?.limit ?? Infinity);
    const line = form.querySelector(".edit__error");
    if (line) line.textContent = why;
    if (why) return;
    end();
    if (text === before.trim() && images.length === pictures.length) return;
    conversation.orders.edit({ type: "message.edit", client_id: newId(), message: article.dataset.message, text, images });
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
