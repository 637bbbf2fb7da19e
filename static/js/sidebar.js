/** `<chat-sidebar>`: the list of conversations, live in every tab. The server says group and order of each row. */
import { clone, fragment } from "articles";
import { socket } from "socket";
import { attempt, heed, post, toastOnNextPage } from "status";

const FIRST = ["pinned", "today", "yesterday", "week"];

/** Sorts groups: the named ones, then months, newest first. @param {string} key */
const place = (key) => (FIRST.includes(key) ? FIRST.indexOf(key) - 1e6 : -Number(key.replace("-", "")));

class ChatSidebar extends HTMLElement {
  /** @type {HTMLElement} */ list;
  /** @type {HTMLElement} */ end;
  #isLoading = false;
  #opened = 0; // how often the connection came about

  connectedCallback() {
    this.list = /** @type {HTMLElement} */ (this.querySelector(".sidebar__list"));
    this.end = this.list.appendChild(document.createElement("div"));
    const near = { root: this.list, rootMargin: "400px" };
    new IntersectionObserver((seen) => seen.at(-1)?.isIntersecting && this.#loadNext(), near).observe(this.end);
    this.addEventListener("click", (event) => this.#clicked(event));
    this.list.addEventListener("keydown", (event) => this.#pressed(event));
    socket.on("conversation.changed", (frame) => this.#changed(frame));
    socket.on("conversation.removed", (frame) => this.#row(frame.conversation)?.remove());
    socket.on("resync", () => this.#catchUp());
    socket.on("state", ({ state }) => state === "open" && this.#opened++ && this.#catchUp());
    addEventListener("conversation-begun", () => this.#markCurrent());
  }

  /** @param {string} conversation @returns {HTMLElement | null} */
  #row(conversation) {
    return this.list.querySelector(`.row[data-conversation="${conversation}"]`);
  }

  /** The list of a group, made where it belongs if it is new. @param {string} key @param {string} title */
  #group(key, title) {
    const known = [...this.list.querySelectorAll("section")].find((section) => section.dataset.group === key);
    const section = known ?? clone("template-group");
    if (!section) throw new Error("template-group is missing");
    if (!known) {
      section.dataset.group = key;
      const heading = section.querySelector("h2");
      if (heading) heading.textContent = title;
      const all = [...this.list.querySelectorAll("section")];
      this.list.insertBefore(section, all.find((each) => place(each.dataset.group ?? "") > place(key)) ?? this.end);
    }
    return /** @type {HTMLElement} */ (section.querySelector("ul"));
  }

  /** @param {{conversation: string, html: string, group: string}} frame */
  #changed({ conversation, html, group }) {
    const row = fragment(html).querySelector("li");
    const old = this.#row(conversation);
    if (!row || old?.querySelector(".row__rename")) return;
    const focused = old?.contains(document.activeElement) ? document.activeElement?.className : "";
    const list = this.#group(group, row.dataset.heading ?? "");
    const entry = row.querySelector(".entry");
    if (entry && old?.querySelector(":popover-open")) old.querySelector(".entry")?.replaceWith(entry);
    else if (old && old.parentElement === list && old.dataset.active === row.dataset.active) old.replaceWith(row);
    else {
      old?.remove();
      this.#insert(list, row, group === "pinned");
    }
    this.#markCurrent();
    const again = focused && this.#row(conversation)?.querySelector(`.${focused.split(" ").at(-1)}`);
    if (again instanceof HTMLElement) again.focus();
  }

  /** @param {HTMLElement} list @param {HTMLElement} row @param {boolean} isFirst */
  #insert(list, row, isFirst) {
    const rows = /** @type {HTMLElement[]} */ ([...list.children]);
    const later = rows.find((other) => isFirst || Number(other.dataset.active) <= Number(row.dataset.active));
    list.insertBefore(row, later ?? null);
  }

  #markCurrent() {
    const current = document.querySelector("chat-conversation")?.getAttribute("data-conversation") ?? "";
    for (const link of this.querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
    const link = current ? this.#row(current)?.querySelector(".entry") : this.querySelector('[data-action="new"]');
    link?.setAttribute("aria-current", "page");
  }

  async #loadNext() {
    const { next } = this.list.dataset;
    if (!next || this.#isLoading) return;
    this.#isLoading = true;
    const response = await fetch(next).catch(() => null);
    this.#isLoading = false;
    if (!response?.ok || response.redirected) return;
    this.list.dataset.next = response.headers.get("X-Next") ?? "";
    this.#merge(fragment(await response.text()));
  }

  /** What happened while the connection was away. */
  async #catchUp() {
    const response = await fetch("/conversations/").catch(() => null);
    if (!response?.ok || response.redirected || this.list.querySelector(":popover-open, .row__rename")) return;
    const fresh = fragment(await response.text());
    const times = [...fresh.querySelectorAll("li")].map((row) => Number(row.dataset.active));
    const oldest = Math.min(...times);
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll(".row"))) {
      if (Number(row.dataset.active) >= oldest) row.remove();
    }
    this.#merge(fresh);
  }

  /** @param {DocumentFragment} sections */
  #merge(sections) {
    for (const section of sections.querySelectorAll("section")) {
      const key = section.dataset.group ?? "";
      const list = this.#group(key, section.querySelector("h2")?.textContent ?? "");
      const rows = [...section.querySelectorAll("li")].filter((row) => !this.#row(row.dataset.conversation ?? ""));
      for (const row of rows.reverse()) this.#insert(list, row, key === "pinned");
    }
    this.#markCurrent();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = event.target instanceof Element ? event.target.closest("[data-action]") : null;
    const row = /** @type {HTMLElement | null | undefined} */ (button?.closest(".row"));
    if (!row || !(button instanceof HTMLElement) || !["rename", "delete"].includes(button.dataset.action ?? "")) return;
    event.preventDefault();
    /** @type {HTMLElement | null} */ (row.querySelector(".menu"))?.hidePopover();
    const url = button.getAttribute("formaction") ?? "";
    if (button.dataset.action === "rename") this.#rename(row);
    else if (button.dataset.action === "delete") this.#delete(row, url);
  }

  /** @param {HTMLElement} row */
  #rename(row) {
    const form = /** @type {HTMLFormElement | null} */ (clone("template-rename"));
    const field = form?.querySelector("input");
    const title = row.querySelector(".entry__title bdi");
    if (!form || !field || !title) return;
    const before = title.textContent ?? "";
    let isOver = false; // going away blurs the field, which comes here again
    const end = (/** @type {boolean} */ isSaved) => {
      if (isOver) return;
      isOver = true;
      const text = field.value.trim();
      form.remove();
      row.querySelector("a")?.focus();
      if (!isSaved || !text || text === before) return;
      title.textContent = text;
      const url = `${row.querySelector("a")?.getAttribute("href")}update/`;
      attempt(() => post(url, { title: text }), () => (title.textContent = before));
    };
    field.value = before;
    form.addEventListener("submit", (event) => (event.preventDefault(), end(true)));
    form.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), end(false)));
    field.addEventListener("blur", () => end(true));
    row.prepend(form);
    field.select();
  }

  /** @param {HTMLElement} row @param {string} url */
  #delete(row, url) {
    const conversation = /** @type {HTMLElement} */ (document.querySelector("chat-conversation"));
    const isCurrent = conversation.dataset.conversation === row.dataset.conversation;
    conversation.toggleAttribute("data-leaving", isCurrent);
    const list = row.parentElement;
    const next = row.nextElementSibling ?? row.previousElementSibling;
    next?.querySelector("a")?.focus();
    row.remove();
    const deed = async () => {
      const response = await post(url);
      if (!isCurrent) return heed(response);
      const { text, undo } = await response.json();
      toastOnNextPage(text, undo);
      location.assign("/");
    };
    attempt(deed, () => {
      conversation.removeAttribute("data-leaving");
      if (list) this.#insert(list, row, false);
    });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const entry = event.target instanceof Element ? event.target.closest(".entry") : null;
    if (!entry) return;
    const entries = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll(".entry")]);
    const at = entries.indexOf(/** @type {HTMLElement} */ (entry));
    const next = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), Home: 0, End: entries.length - 1 }[event.key];
    const menu = event.key === "ArrowRight" ? entry.parentElement?.querySelector(".row__menu") : null;
    const target = next === undefined ? menu : entries[next];
    if (!(target instanceof HTMLElement)) return;
    event.preventDefault();
    target.focus();
  }
}

customElements.define("chat-sidebar", ChatSidebar);
