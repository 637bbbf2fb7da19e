/** Going to one message of the conversation, loaded or not, and reading on from there. Loaded when it is first needed. */
import { decorate } from "articles";
import { OrderError, socket } from "socket";

/** @typedef {import("conversation").ChatConversation} Conversation */

/** @type {Promise<void> | null} */
let busy = null;

/** The page came with the address of a message. @param {Conversation} conversation @param {string} message */
export async function arrive(conversation, message) {
  if (conversation.dataset.view) await adopt(conversation, message);
  if (new URLSearchParams(location.search).has("message")) {
    history.replaceState(history.state, "", location.pathname + location.hash); // loaded anew it selects nothing
  }
  conversation.addEventListener("order-accepted", leave, { once: true });
  if (conversation.article(message)) return;
  if (await load(conversation, message)) show(conversation, message);
}

/** Whoever writes on has left the message: loaded anew, the page opens at its end. */
function leave() {
  history.replaceState(history.state, "", location.pathname);
}

/** Make the branch that is looked at the selected one, in all tabs; whoever may not keeps looking.
 * @param {Conversation} conversation @param {string} message */
async function adopt(conversation, message) {
  try {
    const { leaf, revision } = await socket.order("branch.select", { message }, { again: true });
    conversation.dataset.view = "";
    if (leaf === conversation.dataset.leaf) conversation.reached(revision, leaf);
    else await load(conversation, message);
  } catch (error) {
    if (!(error instanceof OrderError)) throw error;
  }
}

/** Show a message of this conversation: by scrolling, by loading what is around it, or on its own branch. False if it
 * isn't there. @param {Conversation} conversation @param {string} message */
export async function goTo(conversation, message) {
  if (!conversation.article(message) && !(await load(conversation, message))) {
    const chosen = await socket.order("branch.select", { message }, { again: true });
    conversation.dataset.view = "";
    conversation.reached(0, chosen.leaf);
    if (!(await load(conversation, message))) return false;
  }
  show(conversation, message);
  return true;
}

/** Bring it to the top, highlighted once. @param {Conversation} conversation @param {string} message */
function show(conversation, message) {
  const article = conversation.article(message);
  if (!article) return;
  if (!article.matches(":target")) location.replace(`#message-${message}`);
  conversation.log.toTop(article);
  article.focus({ preventScroll: true });
}

/** Put the piece of the branch around a message in the place of what is shown; false if it is on another branch.
 * @param {Conversation} conversation @param {string} message */
async function load(conversation, message) {
  const { log } = conversation;
  const leaf = conversation.dataset.view && conversation.dataset.leaf;
  const page = await log.fetchPage(`?around=${message}&leaf=${leaf}`);
  const id = `message-${message}`;
  if (!page?.articles.some((article) => article.id === id)) return false;
  log.isFollowing = false;
  log.swap(page, { id, becomes: id });
  conversation.reached(page.revision, page.leaf);
  conversation.runs.forget();
  conversation.showRunning();
  conversation.open(true);
  return true;
}

/** Load what follows the last message that is shown. @param {Conversation} conversation */
export function newer(conversation) {
  busy ??= append(conversation).finally(() => (busy = null));
  return busy;
}

/** @param {Conversation} conversation */
async function append(conversation) {
  const { column, log, last } = conversation;
  const leaf = conversation.dataset.view && conversation.dataset.leaf;
  const page = await log.fetchPage(`?after=${last?.dataset.message}&leaf=${leaf}`);
  if (!page || !log.isCut || conversation.last !== last) return;
  decorate(page.articles);
  last?.after(...page.articles);
  column.dataset.newer = page.newer;
  conversation.runs.forget();
  conversation.showRunning();
  conversation.open(true);
}
