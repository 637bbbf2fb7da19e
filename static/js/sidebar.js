/** `<chat-sidebar>`: the list of conversations, live in every tab. The server says place and order of each row. */
import { clone, fragment } from "articles";
import { remember } from "main";
import { socket } from "socket";
import { attempt } from "status";

const FIRST = ["today", "yesterday", "week"];

/** Sorts days: the named ones, then months, newest first. @param {string} key */
const order = (key) => (FIRST.includes(key) ? FIRST.indexOf(key) - 1e6 : -Number(key.replace("-", "")));

/** @param {Element} row */
const active = (row) => Number(/** @type {HTMLElement} */ (row).dataset.active);

export class ChatSidebar extends HTMLElement {
  /** @type {HTMLElement} */ list;
  /** @type {HTMLElement} */ end;
  /** What removes rows far away, once there are many. @type {import("sidebar-pages").Pages | undefined} */ pages;
  #opened = 0; // how often the connection came about

  connectedCallback() {
    this.list = /** @type {HTMLElement} */ (this.querySelector(".sidebar__list"));
    this.end = this.list.appendChild(document.createElement("div"));
    const near = { root: this.list, rootMargin: "400px" };
    new IntersectionObserver((seen) => seen.at(-1)?.isIntersecting && this.#more(), near).observe(this.end);
    this.addEventListener("click", (event) => this.#clicked(event));
    this.list.addEventListener("keydown", (event) => this.#pressed(event));
    this.list.addEventListener("toggle", (event) => this.#toggled(/** @type {HTMLElement} */ (event.target)), { capture: true });
    this.list.addEventListener("dragstart", (event) => this.#use(import("sidebar-drag"), ({ begin }) => begin(this, event)), { once: true });
    socket.on("conversation.changed", (frame) => this.#changed(frame));
    socket.on("conversation.removed", (frame) => this.row(frame.conversation)?.remove());
    socket.on("sidebar.changed", ({ whole }) => this.#use(import("sidebar-upkeep"), (upkeep) => (whole ? upkeep.catchUp(this) : upkeep.renewTop(this))));
    socket.on("resync", () => this.#catchUp());
    socket.on("state", ({ state }) => state === "open" && this.#opened++ && this.#catchUp());
    addEventListener("conversation-begun", () => this.markCurrent());
  }

  /** @template T @param {Promise<T>} module that comes when it is first used @param {(module: T) => unknown} deed */
  #use(module, deed) {
    attempt(async () => deed(await module));
  }

  #catchUp() {
    this.#use(import("sidebar-upkeep"), ({ catchUp }) => catchUp(this));
  }

  async #more() {
    if (!this.list.dataset.next || this.pages) return;
    const { Pages } = await import("sidebar-pages");
    this.pages ??= new Pages(this);
  }

  /** A folder was opened or closed: the server hears of it with the next page. @param {HTMLElement} part */
  #toggled(part) {
    if (!part.matches("details")) return;
    const open = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll(".folder:has(> [open]), .sidebar__shared:not([open])")]);
    remember("folders", open.map((each) => (each.dataset.folder ?? "").slice(-12)).join("."));
    if (part.querySelector(":scope[open] > ul > [data-pending]")) this.#use(import("sidebar-upkeep"), ({ opened }) => opened(this, part));
  }

  /** @param {string} conversation @returns {HTMLElement | null} */
  row(conversation) {
    return this.list.querySelector(`.row[data-conversation="${conversation}"]`);
  }

  /** The list of a place, where it is shown: of a day made if it is new. @param {string} key @param {string} title */
  place(key, title) {
    if (key.startsWith("folder-")) return this.list.querySelector(`[data-folder="${key.slice(7)}"] > [open] > ul:not(:has(> [data-pending]))`);
    const known = [...this.list.querySelectorAll("section")].find((section) => section.dataset.group === key);
    if (known || !key) return known?.querySelector("ul") ?? null;
    const section = /** @type {HTMLElement} */ (clone("template-group"));
    section.dataset.group = key;
    section.querySelector("h2")?.replaceChildren(title);
    const days = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll(":scope > section")]);
    this.list.insertBefore(section, days.find((each) => order(each.dataset.group ?? "") > order(key)) ?? this.list.querySelector("[data-end]"));
    return section.querySelector("ul");
  }

  /** Put a row in its place; nowhere if that is not shown. @param {HTMLElement} row @param {string} key */
  insert(row, key) {
    const list = this.place(key, row.dataset.heading ?? "");
    const { next = "", from = "" } = this.list.dataset;
    const oldest = Number(/before=(\d+)/.exec(next)?.[1] ?? 0);
    const isDay = list?.closest("section")?.parentElement === this.list;
    if (!list || (isDay && (active(row) < oldest || active(row) > Number(from || Infinity)))) return;
    const rows = [...list.querySelectorAll(":scope > .row")];
    const later = rows.find((other) => key === "pinned" || active(other) <= active(row)) ?? list.querySelector(":scope > .folder__rest");
    list.insertBefore(row, later);
  }

  /** @param {{conversation: string, html: string, group: string}} frame */
  #changed({ conversation, html, group }) {
    const row = fragment(html).querySelector("li");
    const old = this.row(conversation);
    if (!row || old?.querySelector(".row__rename")) return;
    const focused = old?.contains(document.activeElement) ? document.activeElement?.className : "";
    const entry = row.querySelector(".entry");
    if (entry && old?.querySelector(":popover-open")) old.querySelector(".entry")?.replaceWith(entry);
    else if (old && old.parentElement === this.place(group, row.dataset.heading ?? "") && old.dataset.active === row.dataset.active) old.replaceWith(row);
    else {
      old?.remove();
      this.insert(row, group);
    }
    this.markCurrent();
    const again = focused && this.row(conversation)?.querySelector(`.${focused.split(" ").at(-1)}`);
    if (again instanceof HTMLElement) again.focus();
  }

  markCurrent() {
    const current = document.querySelector("chat-conversation")?.getAttribute("data-conversation") ?? "";
    for (const link of this.querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
    const link = current ? this.row(current)?.querySelector(".entry") : this.querySelector('[data-action="new"]');
    link?.setAttribute("aria-current", "page");
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const part = event.target instanceof Element ? event.target.closest("[data-part] [data-action], .row [data-action], .folder__rest a") : null;
    const action = part?.getAttribute("data-action") ?? "more";
    if (!(part instanceof HTMLElement) || action === "post" || event.defaultPrevented) return;
    event.preventDefault();
    /** @type {HTMLElement | null} */ (part.closest(".menu"))?.hidePopover();
    this.#use(import("sidebar-deeds"), ({ DEEDS }) => DEEDS[action]?.(this, part));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const here = event.target instanceof Element ? event.target.closest(".entry, summary") : null;
    if (!here) return;
    const stops = [...this.list.querySelectorAll(".entry, summary")].filter((each) => each.checkVisibility());
    const at = stops.indexOf(here);
    const fold = here.matches("summary") ? /** @type {HTMLDetailsElement} */ (here.parentElement) : null;
    const isFolding = fold && fold.open === (event.key === "ArrowLeft") && /Left|Right/.test(event.key);
    /** @type {Record<string, Element | null | undefined>} */
    const ways = {
      ArrowDown: stops[at + 1],
      ArrowUp: stops[Math.max(0, at - 1)],
      Home: stops[0],
      End: stops.at(-1),
      ArrowRight: here.closest("li")?.querySelector(":scope > .row__menu"),
      ArrowLeft: (fold?.parentElement ?? here).parentElement?.closest("details")?.querySelector("summary"),
    };
    const target = isFolding ? here : ways[event.key];
    if (!(target instanceof HTMLElement)) return;
    event.preventDefault();
    if (isFolding) fold.open = !fold.open;
    target.focus();
  }
}

customElements.define("chat-sidebar", ChatSidebar);
