/** The pages of exports and imports: a file goes up in parts, and what runs shows how far it is. */
import { fragment } from "articles";
import { announce } from "status";

const ASK_EVERY = 1_000;
const TRIES = 5;

document.querySelector("form[data-part]")?.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("file"));
  const file = input.files?.[0];
  if (!file) return;
  event.preventDefault();
  upload(form, file).catch((error) => complain(form, error.message));
});

const state = document.querySelector("[data-transfer]");
if (state instanceof HTMLElement) follow(state);

/** @param {HTMLFormElement} form @param {File} file */
async function upload(form, file) {
  const shown = /** @type {HTMLElement} */ (form.querySelector(".uploading"));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const size = Number(form.dataset.part);
  complain(form, "");
  button.disabled = true;
  shown.hidden = false;
  addEventListener("beforeunload", hold);
  try {
    show(shown, 0, file.size);
    const place = await send(form, form.action, { name: file.name, size: String(file.size) });
    for (let offset = 0; offset < file.size; ) {
      const part = file.slice(offset, offset + size);
      ({ received: offset } = await send(form, place.part, { offset: String(offset), part }));
      show(shown, offset, file.size);
    }
    const { url } = await send(form, place.check, {});
    removeEventListener("beforeunload", hold);
    location.assign(url);
  } finally {
    removeEventListener("beforeunload", hold);
    button.disabled = false;
    shown.hidden = true;
  }
}

/** Leaving now would lose what was sent. @param {Event} event */
function hold(event) {
  event.preventDefault();
}

/** @param {HTMLElement} shown @param {number} done @param {number} all bytes */
function show(shown, done, all) {
  const [bar, words] = [/** @type {HTMLProgressElement} */ (shown.querySelector("progress")), shown.querySelector(".note")];
  bar.value = done / (all || 1);
  if (words) words.textContent = `Uploading: ${(done / 1e6).toFixed(1)} of ${(all / 1e6).toFixed(1)} MB`;
}

/** Post fields; what does not arrive is sent again. @param {HTMLFormElement} form @param {string} url
 * @param {Record<string, string | Blob>} fields @returns {Promise<any>} */
async function send(form, url, fields) {
  const body = new FormData();
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken"));
  body.set(token.name, token.value);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  for (let turn = 1; ; turn++) {
    const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    if (response?.ok) return response.json();
    if (response && response.status < 500) {
      const { message } = await response.json().catch(() => ({}));
      throw new Error(message ?? (response.status === 401 ? "You are signed out." : "The server refused the file."));
    }
    if (turn === TRIES) throw new Error("The connection is gone. Send it again when it is back.");
    await new Promise((later) => setTimeout(later, 500 * 2 ** turn));
  }
}

/** @param {HTMLFormElement} form @param {string} why */
function complain(form, why) {
  const place = /** @type {HTMLElement} */ (form.querySelector('[role="alert"]'));
  place.textContent = why;
  place.hidden = !why;
}

/** Ask how far it is until it has ended. @param {HTMLElement} place */
async function follow(place) {
  const isOpen = () => ["queued", "running"].includes(place.querySelector("[data-status]")?.getAttribute("data-status") ?? "");
  while (isOpen()) {
    await new Promise((later) => setTimeout(later, ASK_EVERY));
    const response = await fetch(place.dataset.transfer ?? "").catch(() => null);
    if (response?.redirected || response?.status === 404) return location.reload(); // signed out, or removed meanwhile
    if (!response?.ok || document.activeElement?.closest("[data-transfer] form")?.matches(":active")) continue;
    const held = document.activeElement instanceof HTMLElement && place.contains(document.activeElement);
    place.replaceChildren(fragment(await response.text()));
    if (held) place.querySelector("button")?.focus();
    if (!isOpen()) announce(place.querySelector("[role=status], [role=alert]")?.textContent ?? "");
  }
}
