/** Selecting many conversations in the sidebar: boxes before the rows, a bar with what can be done, Esc ends. */
import { choose } from "choosing";
import { clone } from "articles";
import { announce, attempt, heed, post } from "status";

const URL = "/archive/change/";

/** @typedef {import("sidebar").ChatSidebar} Sidebar */

class Selection {
  /** @type {Set<string>} */ #ids = new Set();
  #last = ""; // the one before, for Shift
  #bar = /** @type {HTMLElement} */ (clone("template-bar"));
  #ending = new AbortController();
  #sidebar;
  #watch;

  /** @param {Sidebar} sidebar @param {HTMLElement} row */
  constructor(sidebar, row) {
    this.#sidebar = sidebar;
    sidebar.classList.add("is-selecting");
    for (const button of this.#bar.querySelectorAll("button")) button.title ||= button.textContent?.trim() ?? "";
    sidebar.list.after(this.#bar);
    const { signal } = this.#ending;
    sidebar.list.addEventListener("click", (event) => this.#clicked(event), { capture: true, signal });
    sidebar.list.addEventListener("keydown", (event) => this.#pressed(event), { capture: true, signal });
    document.addEventListener("keydown", (event) => event.key === "Escape" && !document.querySelector("dialog[open]") && this.#escape(event), { capture: true, signal });
    this.#bar.addEventListener("click", (event) => this.#do(event), { signal });
    this.#watch = new MutationObserver(() => this.#equip());
    this.#watch.observe(sidebar.list, { childList: true, subtree: true });
    this.#equip();
    this.#toggle(row, false);
    this.#box(row)?.focus();
  }

  /** Those of others can't be selected. */
  get #rows() {
    const rows = /** @type {HTMLElement[]} */ ([...this.#sidebar.list.querySelectorAll(".row")]);
    return rows.filter((row) => !row.closest(".sidebar__shared") && row.checkVisibility());
  }

  /** @param {Element} row */
  #box(row) {
    return /** @type {HTMLInputElement | null} */ (row.querySelector(":scope > .row__check"));
  }

  #equip() {
    for (const row of this.#sidebar.list.querySelectorAll(".row:not(:has(> .row__check))")) {
      if (row.closest(".sidebar__shared")) continue;
      const title = row.querySelector(".entry__title")?.textContent ?? "";
      row.prepend(Object.assign(document.createElement("input"), { type: "checkbox", className: "row__check", ariaLabel: `Select “${title}”` }));
    }
    this.#show();
  }

  #show() {
    for (const row of this.#rows) {
      const box = this.#box(row);
      if (box) box.checked = this.#ids.has(row.dataset.conversation ?? "");
    }
    this.#bar.querySelector(".bar__count")?.replaceChildren(`${this.#ids.size} selected`);
    for (const button of this.#bar.querySelectorAll("button[name]")) /** @type {HTMLButtonElement} */ (button).disabled = !this.#ids.size;
  }

  /** @param {HTMLElement} row @param {boolean} isRange */
  #toggle(row, isRange) {
    const id = row.dataset.conversation ?? "";
    const rows = this.#rows;
    const [at, from] = [id, this.#last].map((each) => rows.findIndex((other) => other.dataset.conversation === each));
    const isOn = !this.#ids.has(id);
    const some = isRange && from >= 0 ? rows.slice(Math.min(at, from), Math.max(at, from) + 1) : [row];
    for (const each of some) this.#ids[isOn ? "add" : "delete"](each.dataset.conversation ?? "");
    this.#last = id;
    this.#show();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const row = event.target instanceof Element ? event.target.closest(".row") : null;
    if (!(row instanceof HTMLElement) || !this.#box(row)) return;
    event.preventDefault(); // of the box too: it is set when this is over
    event.stopPropagation();
    setTimeout(() => this.#toggle(row, event.shiftKey));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const row = event.target instanceof Element ? event.target.closest(".row") : null;
    const isBox = event.target instanceof Element && event.target.matches(".row__check");
    if (event.key === " " && row instanceof HTMLElement && !isBox) {
      event.preventDefault();
      this.#toggle(row, event.shiftKey);
    } else if (isBox && /^Arrow(Up|Down)$/.test(event.key)) {
      const rows = this.#rows;
      const next = rows[rows.indexOf(/** @type {HTMLElement} */ (row)) + (event.key === "ArrowDown" ? 1 : -1)];
      event.preventDefault();
      if (next) this.#box(next)?.focus();
      if (next && event.shiftKey) this.#toggle(next, false);
    }
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    event.preventDefault();
    event.stopPropagation();
    this.end();
  }

  /** @param {MouseEvent} event */
  #do(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    event.preventDefault();
    if (!button.name) return this.end();
    const ids = [...this.#ids];
    if (button.value === "export") return toPage(button.getAttribute("formaction") ?? "", ids);
    attempt(async () => {
      if (button.dataset.action === "choose") return choose(URL, button.value, ids, () => this.end());
      const body = new FormData(/** @type {HTMLFormElement} */ (document.getElementById("order")));
      body.set("deed", button.value);
      for (const id of ids) body.append("conversation", id);
      const response = await post(button.getAttribute("formaction") ?? URL, {}, body);
      this.end();
      await heed(response);
    });
  }

  end() {
    const row = this.#last && this.#sidebar.row(this.#last);
    this.#ending.abort();
    this.#watch.disconnect();
    this.#bar.remove();
    this.#sidebar.classList.remove("is-selecting");
    for (const box of this.#sidebar.querySelectorAll(".row__check")) box.remove();
    current = null;
    announce("Selecting ended.");
    if (row) /** @type {HTMLElement | null} */ (row.querySelector(".entry"))?.focus();
  }
}

/** @type {Selection | null} */ let current = null;

/** Begin with a row. @param {Sidebar} sidebar @param {HTMLElement} row */
export function begin(sidebar, row) {
  current?.end();
  current = new Selection(sidebar, row);
}

/** Send conversations to a page that goes on with them. @param {string} url @param {string[]} ids */
function toPage(url, ids) {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("order")?.cloneNode(true));
  for (const value of ids) form.append(Object.assign(document.createElement("input"), { name: "conversation", value }));
  form.action = url;
  document.body.append(form);
  form.submit();
}
