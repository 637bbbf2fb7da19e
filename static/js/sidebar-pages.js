/** Keeps few rows of a long list in the document: pages far away are taken out, their height stays, and they come again. */
import { fragment } from "articles";
import { lighten } from "sidebar-menus";

const MOST = 5; // pages of fifty rows in the document at once
const NEAR = 900; // px around what is seen that are kept filled

/** `height` as it was last shown. @typedef {{url: string, height: number}} Page */

/** Where a page begins, as the rows say it. @param {Page | undefined} page */
const begin = (page) => /before=(\d+)/.exec(page?.url ?? "")?.[1] ?? "";

export class Pages {
  #sidebar;
  #list;
  /** @type {Page[]} */ #pages = [{ url: "/conversations/", height: 0 }];
  #first = 0;
  #last = 0;
  #above = Object.assign(document.createElement("div"), { className: "sidebar__gap" });
  #below = Object.assign(document.createElement("div"), { className: "sidebar__gap" });
  #isBusy = false;
  /** @type {WeakMap<Element, number>} */ #page = new WeakMap();

  /** @param {import("sidebar").ChatSidebar} sidebar */
  constructor(sidebar) {
    this.#sidebar = sidebar;
    this.#list = sidebar.list;
    this.#list.querySelector('[data-part="top"]')?.after(this.#above);
    this.#list.querySelector("[data-end]")?.before(this.#below);
    this.#below.dataset.end = "";
    this.#know(this.#list.dataset.next ?? "");
    this.#list.addEventListener("scroll", () => this.#fill(), { passive: true });
    this.#fill();
  }

  /** @param {string} url of the page after the last one known */
  #know(url) {
    if (url && this.#pages.length === this.#last + 1) this.#pages.push({ url, height: 0 });
  }

  get #rows() {
    return [...this.#list.querySelectorAll(":scope > section .row")];
  }

  /** Which page a row came with, or would come with. @param {Element} row */
  #pageOf(row) {
    const moment = Number(/** @type {HTMLElement} */ (row).dataset.active);
    const later = this.#pages.findIndex((_, number) => moment >= Number(begin(this.#pages[number + 1])));
    return this.#page.get(row) ?? later;
  }

  /** Show everything that is seen anew. */
  async renew() {
    const { top } = this.#list.getBoundingClientRect();
    const seen = this.#rows.find((row) => row.getBoundingClientRect().bottom > top);
    await this.#jump(seen ? this.#pageOf(seen) : this.#seen() ?? this.#first);
    await this.#fill();
  }

  async #fill() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let tries = 0; tries < 2 * MOST; tries++) if (!(await this.#step())) break;
    this.#isBusy = false;
  }

  /** Bring one page that is missed; whether there was one. */
  async #step() {
    const view = this.#list.getBoundingClientRect();
    const top = this.#above.getBoundingClientRect().bottom;
    const bottom = this.#below.getBoundingClientRect().top;
    const far = this.#seen();
    if (far !== undefined && (far < this.#first - 1 || far > this.#last + 1)) return this.#jump(far);
    if (bottom < view.bottom + NEAR && this.#pages[this.#last + 1]) return this.#extend(this.#last + 1);
    if (top > view.top - NEAR && this.#first > 0) return this.#extend(this.#first - 1);
    return false;
  }

  /** The page where the reader looks, if it is not shown. */
  #seen() {
    const view = this.#list.getBoundingClientRect();
    const start = this.#above.getBoundingClientRect();
    const isShown = start.bottom < view.bottom && this.#below.getBoundingClientRect().top > view.top;
    if (isShown) return undefined;
    let way = view.top - start.top;
    const found = this.#pages.findIndex((page) => (way -= page.height || Infinity) < 0);
    return found < 0 ? this.#pages.length - 1 : found;
  }

  /** The sections of a page. @param {number} number @returns {Promise<HTMLElement[] | null>} */
  async #fetch(number) {
    const response = await fetch(this.#pages[number].url).catch(() => null);
    if (!response?.ok || response.redirected) return null;
    const sections = /** @type {any[]} */ ([...fragment(await response.text()).children].filter((part) => part.matches("section")));
    if (number === this.#pages.length - 1) {
      const url = response.headers.get("X-Next");
      if (url) this.#pages.push({ url, height: 0 });
    }
    return sections;
  }

  /** How high the shown pages are: from the first row of each to that of the next. */
  #note() {
    const tops = new Map();
    for (const row of this.#rows) {
      const number = this.#pageOf(row);
      if (!tops.has(number)) tops.set(number, row.getBoundingClientRect().top);
    }
    const end = this.#below.getBoundingClientRect().top;
    for (const [number, top] of tops) this.#pages[number].height = (tops.get(number + 1) ?? end) - top;
  }

  /** One page more at an end; the other end loses one if there are too many. @param {number} number */
  async #extend(number) {
    const sections = await this.#fetch(number);
    if (!sections) return false;
    const isDown = number > this.#last;
    this.#still(() => {
      if (isDown) this.#last = number;
      else this.#first = number;
      this.#add(sections, number, !isDown);
    }, isDown ? this.#rows.at(-1) : this.#rows[0], number);
    if (this.#last - this.#first + 1 > MOST) this.#drop(isDown ? this.#first : this.#last);
    return true;
  }

  /** @param {number} number */
  #drop(number) {
    const rows = this.#rows;
    const gone = rows.filter((row) => this.#pageOf(row) === number);
    const kept = rows.filter((row) => !gone.includes(row));
    const isUp = number === this.#first;
    this.#note();
    this.#still(() => {
      if (isUp) this.#first++;
      else this.#last--;
      for (const row of gone) row.remove();
    }, isUp ? kept[0] : kept.at(-1), number);
  }

  /** Only this page and what follows from it. @param {number} number */
  async #jump(number) {
    const sections = await this.#fetch(number);
    if (!sections) return false;
    this.#note();
    this.#below.style.height = `${this.#list.scrollHeight}px`; // the reader's place stays inside the list
    for (const row of this.#rows) row.remove();
    this.#first = this.#last = number;
    this.#add(sections, number, false);
    this.#measure();
    return true;
  }

  /** All rows of a section at once. @param {HTMLElement[]} sections @param {number} number @param {boolean} isAbove */
  #add(sections, number, isAbove) {
    const known = new Set([...this.#list.querySelectorAll(".row")].map((row) => row.getAttribute("data-conversation")));
    this.#bound();
    for (const section of sections) {
      const rows = [...section.querySelectorAll(".row")].filter((row) => !known.has(row.getAttribute("data-conversation")));
      const list = this.#sidebar.place(section.dataset.group ?? "", section.querySelector("h2")?.textContent ?? "");
      for (const row of rows) this.#page.set(row, number);
      lighten(this.#list, rows);
      isAbove ? list?.prepend(...rows) : list?.append(...rows);
    }
    this.#sidebar.markCurrent();
  }

  /** Say where the rows shown begin and end. */
  #bound() {
    this.#list.dataset.from = this.#first ? begin(this.#pages[this.#first]) : "";
    this.#list.dataset.next = this.#pages[this.#last + 1]?.url ?? "";
  }

  /** The gaps are as high as what is not shown. */
  #measure() {
    const sum = (/** @type {Page[]} */ pages) => pages.reduce((height, page) => height + page.height, 0);
    this.#above.style.height = `${sum(this.#pages.slice(0, this.#first))}px`;
    this.#below.style.height = `${sum(this.#pages.slice(this.#last + 1))}px`;
  }

  /** Change the rows while `anchor` stays where it is on the screen.
   * @param {() => void} change @param {Element | undefined} anchor @param {number} number of the page that comes or goes */
  #still(change, anchor, number) {
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    this.#bound();
    this.#measure();
    const moved = (anchor?.getBoundingClientRect().top ?? 0) - before;
    if (!moved || !anchor) return;
    const page = this.#pages[Math.min(number, this.#first - 1)];
    if (page && page.height >= moved) page.height -= moved;
    else this.#list.scrollTop += moved;
    this.#measure();
  }
}
