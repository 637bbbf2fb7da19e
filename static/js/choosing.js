/** The dialog that chooses a folder or tags: type to filter, Enter takes what is chosen or makes what is missing. */
import { clone, fragment } from "articles";
import { heed, post, toastOnNextPage } from "status";

/** Open it for conversations. @param {string} url @param {string} deed move or tag @param {string[]} ids
 * @param {() => void} [done] */
export function choose(url, deed, ids, done) {
  const body = new FormData(/** @type {HTMLFormElement} */ (document.getElementById("order")));
  body.set("deed", deed);
  body.set("fragment", "1");
  for (const id of ids) body.append("conversation", id);
  return open(() => fetch(url, { method: "POST", body }), deed === "tag" ? "Tags" : "Move to", done);
}

/** Open it by the address of its page, as a menu has it. @param {string} url */
export function chooseAt(url) {
  const deed = new URL(url, location.href).searchParams.get("deed");
  return open(() => fetch(`${url}${url.includes("?") ? "&" : "?"}fragment=1`), deed === "tag" ? "Tags" : "Move to");
}

/** @param {() => Promise<Response>} ask @param {string} title @param {() => void} [done] */
async function open(ask, title, done) {
  const response = await ask();
  if (!response.ok || response.redirected) throw new Error("no form came");
  const form = fragment(await response.text()).querySelector("form");
  if (!form) throw new Error("no form came");
  const dialog = build(title, form);
  const opener = document.activeElement;
  document.body.append(dialog);
  equip(form);
  form.addEventListener("submit", (event) => submitted(event, dialog, done));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  });
  dialog.showModal();
  /** @type {HTMLElement | null} */ (form.querySelector("[data-filter], :checked"))?.focus();
}

/** @param {string} title @param {HTMLFormElement} form */
function build(title, form) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog organise" });
  const head = Object.assign(document.createElement("form"), { method: "dialog", className: "dialog__head" });
  const heading = Object.assign(document.createElement("h2"), { id: "choosing-title", textContent: title });
  const close = Object.assign(document.createElement("button"), { className: "button button--quiet", ariaLabel: "Close", title: "Close" });
  close.append(...(clone("template-toast")?.querySelector(".toast__close")?.childNodes ?? []));
  dialog.setAttribute("aria-labelledby", heading.id);
  head.append(heading, close);
  dialog.append(head, form);
  return dialog;
}

/** @param {HTMLFormElement} form */
function equip(form) {
  const field = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-filter]"));
  if (!field) return;
  const noun = form.querySelector('[name="deed"][value="tag"]') ? "tag" : "folder";
  const label = form.querySelector("[data-filter-label]");
  if (label) label.textContent = `Type to filter, or to make a new ${noun}`;
  const fresh = newChoice(form, noun);
  field.addEventListener("input", () => filter(form, field.value.trim(), fresh, noun));
  field.addEventListener("keydown", (event) => {
    const first = shown(form)[0];
    if (event.key === "ArrowDown" && first) (shown(form).find((box) => box.checked) ?? first).focus();
    else if (event.key === "Enter" && noun === "tag" && field.value.trim() && first && !first.dataset.fresh) {
      first.checked = !first.checked; // one more may be chosen
      field.value = "";
      filter(form, "", fresh, noun);
    } else return;
    event.preventDefault();
  });
  form.addEventListener("submit", () => {
    if (!box(fresh).checked) field.value = "";
    fresh.remove();
  }, { capture: true });
}

/** @param {Element} choice */
const box = (choice) => /** @type {HTMLInputElement} */ (choice.querySelector("input"));

/** @param {HTMLFormElement} form */
const shown = (form) => [...form.querySelectorAll(".choice:not([hidden])")].map(box);

/** The choice to make what was typed. @param {HTMLFormElement} form @param {string} noun */
function newChoice(form, noun) {
  const choice = Object.assign(document.createElement("label"), { className: "choice", hidden: true });
  const input = Object.assign(document.createElement("input"), { type: noun === "tag" ? "checkbox" : "radio", value: "" });
  if (noun === "folder") input.name = "folder";
  input.dataset.fresh = "1";
  choice.append(input, Object.assign(document.createElement("span"), { className: "choice__name" }));
  form.querySelector(".choose__list")?.append(choice);
  return choice;
}

/** @param {HTMLFormElement} form @param {string} typed @param {HTMLElement} fresh @param {string} noun */
function filter(form, typed, fresh, noun) {
  const words = typed.toLocaleLowerCase();
  const name = (/** @type {Element} */ choice) => choice.querySelector(".choice__name")?.textContent?.trim().toLocaleLowerCase() ?? "";
  const known = /** @type {HTMLElement[]} */ ([...form.querySelectorAll(".choice")].filter((choice) => choice !== fresh));
  for (const choice of known) choice.hidden = !name(choice).includes(words);
  const found = known.filter((choice) => !choice.hidden);
  fresh.hidden = !words || known.some((choice) => name(choice) === words);
  fresh.querySelector(".choice__name")?.replaceChildren(`New ${noun} “${typed}”`);
  if (noun === "tag") box(fresh).checked = !fresh.hidden && !found.length;
  else if (words) box(found[0] ?? fresh).checked = true;
}

/** @param {SubmitEvent} event @param {HTMLDialogElement} dialog @param {() => void} [done] */
function submitted(event, dialog, done) {
  event.preventDefault();
  return send(/** @type {HTMLFormElement} */ (event.target), dialog, done);
}

/** @param {HTMLFormElement} form @param {HTMLDialogElement} dialog @param {() => void} [done] */
async function send(form, dialog, done) {
  let says = form.querySelector(".field__error");
  try {
    const response = await post(form.getAttribute("action") ?? "", {}, new FormData(form));
    dialog.close();
    done?.();
    if (document.querySelector("chat-sidebar")) return await heed(response);
    const { text, undo } = await response.json();
    toastOnNextPage(text, undo);
    location.reload();
  } catch (error) {
    says ??= form.querySelector(".choose__ways")?.insertAdjacentElement("beforebegin", document.createElement("p")) ?? null;
    says?.setAttribute("class", "field__error");
    says?.setAttribute("role", "alert");
    if (says) says.textContent = error instanceof Error ? error.message : "";
  }
}
