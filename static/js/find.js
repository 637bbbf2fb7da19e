/** Find in the open conversation, also what is not loaded yet and on other branches; and the marks of a search's hit. */
import { fragment } from "articles";
import { FindBar } from "find-bar";
import { mark, pattern, ranges } from "search-marks";
import { toast } from "status";
import { typedAhead } from "typed-ahead";

const QUIET_AFTER = 20_000; // ms

const conversation = /** @type {import("conversation").ChatConversation} */ (document.querySelector("chat-conversation"));
/** @type {Promise<HTMLElement> | null} */ let made = null;
/** @type {FindBar | null} */ let bar = null;

/** Open the bar, or go into its field. @param {string} [text] @param {string} [message] where one is already */
export async function open(text, message) {
  if (!conversation.uuid) return toast("There is nothing to find in yet.");
  await typedAhead(parts(), (element, typed) => {
    bar ??= new FindBar(conversation, element);
    bar.open(text ?? (typed || undefined), message, Boolean(typed));
  });
}

/** The page was opened by a hit of a search, or on the way to another branch: mark what was looked for.
 * @param {string} address the query of the page's address, as it came */
export async function arrive(address) {
  const query = new URLSearchParams(address);
  const message = query.get("message") ?? "";
  const find = query.get("find");
  if (find) return open(find, message);
  const found = pattern(query.get("q") ?? "");
  if (!found) return;
  await parts();
  const show = () => {
    const article = conversation.article(message);
    const body = article?.querySelector(".message__body");
    const places = body ? ranges(body, found) : [];
    if (places.length) article?.classList.remove("message--folded");
    mark("found", places);
    return places[0];
  };
  const first = show();
  const observer = new MutationObserver(show);
  observer.observe(conversation.column, { childList: true });
  setTimeout(() => observer.disconnect(), QUIET_AFTER);
  if (first) bringIntoView(first);
}

/** Where the message is longer than the view. @param {Range} range */
function bringIntoView(range) {
  const log = /** @type {HTMLElement} */ (conversation.querySelector(".log"));
  const [{ top, bottom }, view] = [range.getBoundingClientRect(), log.getBoundingClientRect()];
  if (top < view.top || bottom > view.bottom) log.scrollTop += top - view.top - view.height / 3;
}

/** The bar and its sheet of style, once. */
function parts() {
  made ??= load();
  made.catch(() => (made = null));
  return made;
}

async function load() {
  const response = await fetch(`/conversations/${conversation.uuid}/find/`);
  if (!response.ok || response.redirected) throw new Error("The bar can't be had now.");
  const piece = fragment(await response.text());
  const sheet = /** @type {HTMLLinkElement} */ (piece.querySelector("link"));
  const styled = new Promise((resolve) => (sheet.onload = sheet.onerror = resolve));
  document.head.append(sheet);
  await styled;
  return /** @type {HTMLElement} */ (piece.querySelector(".find"));
}
