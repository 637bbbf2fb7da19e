/** Pictures in the log, and what is known of those that are sent. */
import { clone } from "articles";

/** As an order names it, and what is needed to show it.
 * @typedef {{file?: string, url?: string, detail: string, description: string, name?: string, width?: number,
 *   height?: number}} Picture */

/** @param {string} file */
export const thumbnailOf = (file) => `/files/${file}/thumbnail/`;

/** @param {string} url */
export const hostOf = (url) => (URL.canParse(url) ? new URL(url).hostname : "");

/** Why a model takes no pictures; nothing where it does, or nobody knows. @param {string} model its id */
export function whyBlind(model) {
  const { abilities = "", name } = document.getElementById(`option-${model}`)?.dataset ?? {};
  if (!abilities || abilities.split(/[\s,]+/).includes("vision")) return "";
  return `${name} can't see pictures. Choose a model that can.`;
}

/** The style sheet of what comes later; resolves when it is there. */
export function dress() {
  const { sheet } = /** @type {HTMLElement | null} */ (document.querySelector(".attachments"))?.dataset ?? {};
  if (!sheet || document.querySelector(`link[href="${sheet}"]`)) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = sheet;
  document.head.append(link);
  return new Promise((resolve) => (link.onload = link.onerror = resolve));
}

/** Show a question's pictures while it is on its way; the server renders them the same.
 * @param {HTMLElement} question @param {Picture[]} images */
export function illustrate(question, images) {
  const list = document.createElement("ul");
  list.className = "pictures";
  list.role = "list";
  list.ariaLabel = "Pictures";
  for (const image of images) list.append(picture(image));
  const body = /** @type {HTMLElement} */ (question.querySelector(".message__body"));
  body.hidden = !body.textContent;
  body.before(list);
}

/** @param {Picture} image */
function picture({ file, url = "", name = "", description, width, height, ...rest }) {
  const item = /** @type {HTMLElement} */ (clone("template-picture"));
  const [link, away] = /** @type {NodeListOf<HTMLAnchorElement>} */ (item.querySelectorAll("a"));
  item.dataset.picture = JSON.stringify({ ...(file ? { file, name, width, height } : { url }), description, ...rest });
  (file ? away : link).remove();
  if (!file) {
    away.href = url;
    away.querySelector("bdi")?.replaceChildren(hostOf(url));
    if (description) away.querySelector(".picture__words")?.replaceChildren(description);
    return item;
  }
  const image = /** @type {HTMLImageElement} */ (link.querySelector("img"));
  link.href = `/files/${file}/`;
  Object.assign(image, { width, height, alt: description || name, src: thumbnailOf(file) });
  return item;
}

/** Open a picture of the log large. @param {HTMLAnchorElement} link */
export async function view(link) {
  const dialog = /** @type {HTMLDialogElement} */ (clone("template-viewer"));
  const small = /** @type {HTMLImageElement} */ (link.querySelector("img"));
  const large = /** @type {HTMLImageElement} */ (dialog.querySelector("img"));
  await dress();
  Object.assign(large, { alt: small.alt, width: small.getAttribute("width"), height: small.getAttribute("height") });
  large.src = link.href;
  dialog.querySelector(".viewer__words")?.replaceChildren(small.alt);
  dialog.addEventListener("click", () => dialog.close()); // anywhere: there is nothing else to do here
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
