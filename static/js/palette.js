/**
 * Opens the palette: conversations, messages and commands under one field. It comes when it is first wanted, its frame
 * from the server.
 */
import { fragment } from "articles";
import { Palette } from "palette-dialog";
import { typedAhead } from "typed-ahead";

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

const load = () => typedAhead(frame().then((dialog) => new Palette(dialog)), (made, typed) => made.show(typed));

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
