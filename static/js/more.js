/** The menu of one message: its link, a copy up to it, the name of its branch, deleting. Loaded when it is first opened. */
import { fragment } from "articles";
import { copy } from "messages";
import { attempt, post, toast, toastOnNextPage } from "status";

/** @typedef {import("conversation").ChatConversation} Conversation */

/** Open it beside its button. @param {Conversation} conversation @param {HTMLElement} article @param {HTMLElement} button */
export async function open(conversation, article, button) {
  document.querySelector(".more")?.remove();
  const response = await fetch(`/messages/${article.dataset.message}/menu/?fragment=1`);
  if (!response.ok || response.redirected) return toast("This can't be loaded now. Try again.");
  const place = document.createElement("div");
  place.className = "more";
  place.append(fragment(await response.text()));
  place.addEventListener("click", (event) => clicked(conversation, button, event));
  place.addEventListener("submit", (event) => named(conversation, place, event));
  document.querySelector(".more")?.remove(); // one that was asked for at the same time
  document.getElementById("main")?.append(place);
  /** @type {any} */ (place.querySelector(".menu"))?.showPopover({ source: button });
}

/** @param {Conversation} conversation @param {HTMLElement} button @param {MouseEvent} event */
function clicked(conversation, button, event) {
  const item = event.target instanceof Element ? event.target.closest(".menu [data-deed]") : null;
  if (!(item instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { deed } = item.dataset;
  if (deed === "name") return openForm(item, button, event);
  event.preventDefault();
  /** @type {HTMLElement | null} */ (item.closest(".menu"))?.hidePopover();
  const url = item.getAttribute("formaction") ?? "";
  const name = item.getAttribute("name");
  const fields = name ? { [name]: item.getAttribute("value") ?? "" } : {};
  if (deed === "link") copy(new URL(item.getAttribute("href") ?? "", location.href).href, button);
  else if (deed === "fork") attempt(() => fork(url, fields));
  else if (deed === "delete") attempt(() => remove(conversation, url, fields));
}

/** The field for the name stands where the menu stood. @param {HTMLElement} item @param {HTMLElement} button @param {Event} event */
function openForm(item, button, event) {
  event.preventDefault();
  /** @type {HTMLElement | null} */ (item.closest(".menu"))?.hidePopover();
  const form = /** @type {any} */ (document.getElementById("more-name"));
  form?.showPopover({ source: button });
  form?.querySelector("input[name=name]")?.select();
}

/** @param {Conversation} conversation @param {Element} place @param {SubmitEvent} event */
function named(conversation, place, event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  attempt(async () => {
    await saveName(conversation, form);
    form.hidePopover();
    place.remove();
  });
}

/** @param {Conversation} conversation @param {HTMLFormElement} form */
export async function saveName(conversation, form) {
  await post(form.action, { name: String(new FormData(form).get("name") ?? "") });
  await conversation.refresh();
}

/** Go to a new copy. @param {string} url @param {Record<string, string>} fields */
export async function fork(url, fields) {
  const { url: page, text } = await (await post(url, fields)).json();
  toastOnNextPage(text);
  location.assign(page);
}

/** @param {Conversation} conversation @param {string} url @param {Record<string, string>} fields */
async function remove(conversation, url, fields) {
  const { text, undo } = await (await post(url, fields)).json();
  const back = async () => {
    await post(undo);
    await conversation.refresh();
  };
  toast(text, { undo: () => attempt(back) });
  await conversation.refresh();
}
