/** Calls of tools: shown as they are written, answered by what a person types. Comes with the first call on a page. */
import { clone } from "articles";
import { newId, whyNot } from "orders";
import { announce } from "status";
import { OrderError, socket } from "socket";

/** @typedef {import("conversation").ChatConversation} Conversation */
/** @typedef {HTMLFormElement & {elements: {client_id: HTMLInputElement}}} ResultsForm */

const USER = document.body.dataset.user ?? "";
const FRAME = 120_000; // bytes; more is posted as a form, for the socket takes no frame of any size

addSheet();
document.addEventListener("submit", submitted);
document.addEventListener("keydown", pressed);
document.addEventListener("input", (event) => event.target instanceof HTMLTextAreaElement && keep(event.target));
document.addEventListener("click", clicked);

function addSheet() {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("template-calls"));
  const url = template.content.querySelector("[data-sheet]")?.getAttribute("data-sheet") ?? "";
  if (document.head.querySelector(`link[href="${url}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: url }));
}

const conversation = () => /** @type {Conversation} */ (document.querySelector("chat-conversation"));

/** Show pieces of the calls of a running answer; "anew" begins with none.
 * @param {HTMLElement} article @param {{op: string, i: number, name: string, t: string}[]} ops */
export function showCalls(article, ops) {
  if (article.dataset.status !== "running") return; // its end has come meanwhile, and the calls with it
  let list = article.querySelector(".calls--live");
  if (!list) {
    list = /** @type {HTMLElement} */ (clone("template-calls"));
    article.querySelector(".message__end")?.before(list);
  }
  for (const op of ops) {
    if (op.op === "anew") list.replaceChildren();
    else grow(list, op);
  }
}

/** @param {Element} list @param {{i: number, name: string, t: string}} op */
function grow(list, { i, name, t }) {
  while (list.children.length <= i) list.append(/** @type {HTMLElement} */ (clone("template-call")));
  const place = /** @type {HTMLElement} */ (list.children[i].querySelector(".call__name"));
  if (place.textContent !== name) announce(`Calls ${(place.textContent = name)}.`);
  const code = /** @type {HTMLElement} */ (list.children[i].querySelector("code"));
  const box = /** @type {HTMLElement} */ (code.parentElement);
  if (!code.firstChild) code.append("");
  /** @type {Text} */ (code.firstChild).appendData(t);
  box.scrollTop = box.scrollHeight;
}

/** @param {Element} form @returns {HTMLTextAreaElement[]} one for each call */
const fieldsOf = (form) => [.../** @type {any} */ (form).elements].filter((field) => field.name === "text");

/** @param {HTMLTextAreaElement} field */
const draftKey = (field) => `${USER}:result:${field.id}`;

/** Give fields what was written before a reload; keep what was typed before this module came. @param {Element} root */
export function equip(root) {
  for (const field of root.querySelectorAll(".call__result textarea")) {
    if (!(field instanceof HTMLTextAreaElement)) continue;
    if (field.value) keep(field);
    else field.value = sessionStorage.getItem(draftKey(field)) ?? "";
  }
}

/** @param {HTMLTextAreaElement} field */
function keep(field) {
  if (!field.matches(".call__result textarea")) return;
  say(field, "");
  try {
    if (field.value) sessionStorage.setItem(draftKey(field), field.value);
    else sessionStorage.removeItem(draftKey(field));
  } catch {} // storage may be full or switched off: nothing is kept then
}

/** @param {Element} field @param {string} words beside it */
const say = (field, words) => field.parentElement?.querySelector(".call__said")?.replaceChildren(words);

/** @param {Element} form @param {string} words */
const complain = (form, words) => form.querySelector(".results__error")?.replaceChildren(words);

/** @param {Event} event */
function submitted(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches(".results")) return;
  const texts = fieldsOf(form).map((field) => field.value);
  const { limit } = conversation().composer ?? { limit: Infinity };
  const why = texts.map((text) => whyNot(text, limit)).find(Boolean);
  const isPosted = !why && (socket.isHopeless || new Blob(texts).size > FRAME);
  if (isPosted) return addToken(form);
  event.preventDefault();
  if (why) complain(form, why);
  else send(/** @type {ResultsForm} */ (form));
}

/** A form that came over the socket has no token: the page's has it. @param {HTMLFormElement} form */
function addToken(form) {
  const token = document.querySelector("#order [name=csrfmiddlewaretoken]");
  if (token && !form.querySelector("[name=csrfmiddlewaretoken]")) form.append(token.cloneNode());
}

/** @param {ResultsForm} form */
async function send(form) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const fields = fieldsOf(form);
  const order = {
    client_id: form.elements.client_id.value,
    message: form.closest("article")?.dataset.message,
    results: fields.map((field) => ({ call: field.dataset.call, text: field.value })),
  };
  button.disabled = true;
  complain(form, socket.state === "open" ? "" : "Waits for the connection. It goes out once, on return.");
  try {
    await socket.order("message.answer_tools", order);
    for (const field of fields) {
      sessionStorage.removeItem(draftKey(field));
      field.value = ""; // fetching the log keeps what is written
    }
    await conversation().refresh();
    conversation().log.toBottom();
    if (matchMedia("(hover: hover)").matches) conversation().composer?.field.focus();
  } catch (error) {
    if (!(error instanceof OrderError)) throw error;
    complain(form, error.message);
  } finally {
    button.disabled = false;
  }
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const field = event.target;
  if (!(field instanceof HTMLTextAreaElement) || !field.matches(".call__result textarea") || event.isComposing) return;
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  field.form?.requestSubmit();
}

/** @param {Event} event */
function clicked(event) {
  const button = event.target instanceof Element ? event.target.closest("[data-action]") : null;
  const action = button?.getAttribute("data-action");
  if (button && action === "format-json") formatJson(button);
  else if (button && action === "other-results") giveOthers(/** @type {HTMLElement} */ (button.closest("article")));
}

/** Write a result as JSON is read well, or say where it is none. @param {Element} button */
function formatJson(button) {
  const field = /** @type {HTMLTextAreaElement} */ (button.closest(".call__result")?.querySelector("textarea"));
  const place = /** @type {HTMLElement} */ (button.parentElement?.querySelector(".call__said"));
  try {
    field.value = JSON.stringify(JSON.parse(field.value), null, 2);
    keep(field);
    place.textContent = "Valid JSON.";
  } catch (error) {
    place.textContent = `Not JSON: ${/** @type {Error} */ (error).message}. It can be sent all the same.`;
  }
}

/** Answer calls anew that were answered before: what was given stands in the fields. @param {HTMLElement} article */
async function giveOthers(article) {
  const form = /** @type {ResultsForm} */ (article.querySelector(".results"));
  const fields = fieldsOf(form);
  const given = [];
  for (let next = article.nextElementSibling; next?.matches(".message--tool"); next = next.nextElementSibling) {
    given.push(next.getAttribute("data-message"));
  }
  article.querySelector(".calls")?.classList.add("calls--open");
  form.elements.client_id.value = newId();
  fields[0]?.focus();
  await Promise.all(given.map(async (message, i) => {
    const response = await fetch(`/messages/${message}/text/`).catch(() => null);
    if (response?.ok && !response.redirected && fields[i]) fields[i].value ||= await response.text();
  }));
}
