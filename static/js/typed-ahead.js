/** What is typed while a field is on its way belongs into that field. */

/** Do something that brings a field; gives what was typed meanwhile to `then`, before anything else is typed.
 * @template T @param {Promise<T>} deed @param {(made: T, typed: string) => void} then */
export async function typedAhead(deed, then) {
  let typed = "";
  const keep = (/** @type {KeyboardEvent} */ event) => {
    if (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    typed += event.key;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", keep, { capture: true });
  try {
    const made = await deed;
    then(made, typed);
    return made;
  } finally {
    document.removeEventListener("keydown", keep, { capture: true });
  }
}
