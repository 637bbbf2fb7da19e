/** The start of every full page beside the chat: what was to be said when it was left, and buttons that post. */
import { attempt, post, showKeptToast, toastOnNextPage } from "status";

/** `data-action="post"` on a button of the form `order`: the page comes anew, and says what the reply says. */
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[data-action="post"]') : null;
  if (!(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  attempt(async () => {
    const response = await post(button.getAttribute("formaction") ?? "", button.name ? { [button.name]: button.value } : {});
    const { text, undo, url } = response.status === 204 ? {} : await response.json();
    if (text) toastOnNextPage(text, undo);
    url ? location.assign(url) : location.reload();
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]") || !document.body.dataset.user) return;
  event.preventDefault();
  attempt(async () => (await import("palette")).open());
});

showKeptToast(() => location.reload());
