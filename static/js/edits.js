/** Saying something differently: a person's message becomes a form, in its place. */
import { clone } from "articles";
import { newId, whyNot } from "orders";

/** @typedef {import("conversation").ChatConversation} Conversation */

/** Write a person's message anew, in its place. @param {Conversation} conversation @param {HTMLElement} article */
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
