/** Menus of rows that were brought by scrolling are put into the document when somebody comes near: a long list of
 * them makes scrolling slow. */

/** @type {WeakMap<Element, Element>} */ const menus = new WeakMap();
/** @type {WeakSet<Element>} */ const watched = new WeakSet();
const COMING = ["pointerover", "focusin", "click"]; // the last one for those who click without pointing or focusing

/** Take the menus out of these rows of a list. @param {HTMLElement} list @param {Element[]} rows */
export function lighten(list, rows) {
  for (const row of rows) {
    const menu = row.querySelector(":scope > .menu");
    if (!menu) continue;
    menus.set(row, menu);
    menu.remove();
  }
  if (watched.has(list)) return;
  watched.add(list);
  for (const type of COMING) list.addEventListener(type, (event) => furnish(event.target), { capture: true });
}

/** @param {EventTarget | null} target */
function furnish(target) {
  const row = target instanceof Element ? target.closest(".row") : null;
  const menu = row && menus.get(row);
  if (!row || !menu) return;
  row.append(menu);
  menus.delete(row);
}
