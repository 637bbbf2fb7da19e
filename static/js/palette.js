/**
 * Opens the palette: conversations, messages and commands under one field. It comes when it is first wanted, its frame
 * from the server.
 */
import { fragment } from "articles";
import { Palette } from "palette-dialog";

const PATIENCE = 8_000; // ms

/** @type {Promise<Palette> | null} */
let palette = null;

/** Open it, or close it if it is open. */
export async function open() {
  if (palette) return (await palette).toggle();
  palette = load();
  palette.catch(() => (palette = null)); // the next time may do better
  await palette;
}

/** What is typed until it is here belongs into its field. */
async function load() {
  let typed = "";
  const keep = (/** @type {KeyboardEvent} */ event) => {
    if (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    typed += event.key;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", keep, { capture: true });
  try {
    const made = new Palette(await frame());
    made.show(typed);
    return made;
  } finally {
    document.removeEventListener("keydown", keep, { capture: true });
  }
}

/** The dialog from the server, with its sheet of style. @returns {Promise<HTMLDialogElement>} */
async function frame() {
  const response = await fetch("/search/hits/?frame=1", { signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok || response.redirected) throw new Error("The palette can't be had now.");
  const parts = fragment(await response.text());
  const dialog = /** @type {HTMLDialogElement} */ (parts.querySelector("dialog"));
  const sheet = /** @type {HTMLLinkElement} */ (parts.querySelector("link"));
  const styled = new Promise((resolve) => (sheet.onload = sheet.onerror = resolve));
  document.head.append(sheet);
  await styled;
  document.body.append(dialog);
  return dialog;
}
