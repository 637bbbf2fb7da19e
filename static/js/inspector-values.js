/** What the fields of the inspector say, as the values that go with a message; and how a field is emptied. */

/** `\n` and `\t` stand for a line break and a tab, `\\` for a backslash. @param {string} text */
const unescaped = (text) => text.split("\\\\").map((part) => part.replaceAll("\\n", "\n").replaceAll("\\t", "\t")).join("\\");

/** Text that is no JSON goes as it is: the server says what is wrong with it. @param {string} text @returns {any} */
function parsed(text) {
  if (!text.trim()) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param {Element} row @param {string} [part] of the name, after a colon @returns {string[]} */
function texts(row, part) {
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (row.querySelectorAll("input[name], select[name], textarea[name]"));
  return [...fields]
    .filter((field) => (part ? field.name.endsWith(`:${part}`) : true))
    .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
    .map((field) => field.value);
}

/** @param {Element} row */
function number(row) {
  const text = texts(row)[0]?.trim();
  if (!text) return undefined;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** @param {Element} row */
function answer(row) {
  const [kind] = texts(row, "kind");
  if (kind !== "json_schema") return kind ? { type: kind } : undefined;
  const description = texts(row, "description")[0]?.trim();
  const inner = {
    name: texts(row, "name")[0]?.trim(),
    schema: parsed(texts(row, "schema")[0] ?? "") ?? {},
    ...(description && { description }),
    ...(texts(row, "strict").length && { strict: true }),
  };
  const isFlat = row.getAttribute("data-name") === "text.format";
  return isFlat ? { type: kind, ...inner } : { type: kind, json_schema: inner };
}

/** @param {Element} row */
function pairs(row) {
  const values = texts(row, "value");
  const given = texts(row, "key").map((key, i) => [key.trim(), values[i]]).filter(([key]) => key);
  return given.length ? Object.fromEntries(given) : undefined;
}

/** @param {Element} row */
function strings(row) {
  const given = texts(row).filter(Boolean).map(unescaped);
  return given.length ? given : undefined;
}

/** By the kind of control. @type {Record<string, (row: Element) => any>} */
const READERS = {
  number,
  strings,
  pairs,
  answer,
  switch: (row) => parsed(texts(row)[0] ?? ""),
  select: (row) => parsed(texts(row)[0] ?? ""),
  text: (row) => texts(row)[0] || undefined,
  json: (row) => parsed(texts(row)[0] ?? ""),
  tools: (row) => parsed(texts(row)[0] ?? ""),
};

/** All values that are set, by name. @param {Element} form @returns {Record<string, any>} */
export function collect(form) {
  const values = /** @type {Record<string, any>} */ ({});
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(".param"))) {
    const value = READERS[row.dataset.control ?? ""]?.(row);
    if (value !== undefined) values[row.dataset.name ?? ""] = value;
  }
  return values;
}

/** Take the value away. @param {Element} row */
export function clear(row) {
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (row.querySelectorAll("input[name], select, textarea"))) {
    if (field.type === "radio") field.checked = field.value === "";
    else if (field.type === "checkbox") field.checked = false;
    else field.value = "";
  }
}

/** Let a slider and its number, an editor's parts and a list's last field follow what was just changed.
 * @param {HTMLInputElement} field */
export function follow(field) {
  const row = field.closest(".param");
  if (!row) return;
  const slider = /** @type {HTMLInputElement | null} */ (row.querySelector("[data-slider]"));
  const written = /** @type {HTMLInputElement | null} */ (row.querySelector(".param__number [name]"));
  if (slider && written && field === slider) written.value = slider.value;
  else if (slider && written && Number.isFinite(Number(written.value)) && written.value) slider.value = written.value;
  const kind = row.querySelector(".answer-form");
  if (kind instanceof HTMLElement && field.name.endsWith(":kind")) kind.dataset.kind = field.value;
  const list = field.closest(".lines");
  const last = list?.lastElementChild;
  const isUsed = last && [last, ...last.querySelectorAll("input")].some((each) => /** @type {any} */ (each).value);
  if (!list || !last || !isUsed) return;
  const another = /** @type {HTMLElement} */ (last.cloneNode(true));
  for (const each of /** @type {HTMLInputElement[]} */ ([another, ...another.querySelectorAll("input")])) {
    each.removeAttribute("id");
    each.removeAttribute("value");
    if (each.value) each.value = "";
    each.ariaLabel &&= each.ariaLabel.replace(/\d+$/, String(list.childElementCount + 1));
  }
  list.append(another);
}

/** Put a template's text into the editor beside its menu: in place of what is there, or added to the list.
 * @param {HTMLSelectElement} menu */
export function fill(menu) {
  const row = menu.closest(".param");
  const editor = row?.querySelector("textarea");
  const option = menu.selectedOptions[0];
  if (!row || !editor || !option?.value) return;
  if (menu.dataset.template === "append") {
    const tools = parsed(editor.value);
    editor.value = JSON.stringify([...(Array.isArray(tools) ? tools : []), JSON.parse(option.value)], null, 2);
  } else {
    editor.value = option.value;
    const name = /** @type {HTMLInputElement | null} */ (row.querySelector('[name$=":name"]'));
    const strict = /** @type {HTMLInputElement | null} */ (row.querySelector('[name$=":strict"]'));
    if (name) name.value = option.dataset.name ?? "";
    if (strict) strict.checked = true;
  }
  menu.selectedIndex = 0;
  editor.focus();
  editor.setSelectionRange(0, 0);
  editor.scrollTop = 0;
}
