/**
 * The pieces of one generation, applied to the article of its answer.
 *
 * State is strings and changes with every frame; the page is written at most once per animation frame, or by
 * a timer where there are none (hidden tabs). Final blocks and the open tail are top-level nodes of the body;
 * nodes that stay the same are kept, so that selections, scroll positions and layout survive.
 */
import { decorate, fragment, morph, reuse } from "articles";
import { socket } from "socket";

export const ACK_EVERY = 1_000;
const LATEST = 250; // write at the latest after this many ms, frame or not

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** CRC-32 of a text's UTF-8 bytes. @param {string} text */
export function crc32(text) {
  let crc = -1;
  for (const byte of new TextEncoder().encode(text)) crc = CRC[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}

/** @type {Set<AnswerStream>} */
const waiting = new Set();
let [frameHandle, timerHandle] = [0, 0];

/** @param {AnswerStream} stream */
function schedule(stream) {
  waiting.add(stream);
  frameHandle ||= requestAnimationFrame(renderAll);
  timerHandle ||= setTimeout(renderAll, document.hidden ? 0 : LATEST);
}

function renderAll() {
  cancelAnimationFrame(frameHandle);
  clearTimeout(timerHandle);
  frameHandle = timerHandle = 0;
  for (const stream of waiting) stream.render();
}

export class AnswerStream {
  /** The number of the last piece applied; 0 before the first. */
  seq = 0;
  #body;
  /** @type {string[]} */ #blocks = [];
  /** @type {Node[][]} */ #nodes = []; // of each block that stands on the page
  /** @type {Set<number>} */ #changed = new Set();
  #tail = "";
  /** @type {Node[]} */ #tailNodes;
  #isTailChanged = false;
  #text = ""; // raw, behind the tail's last code element
  #textShown = 0;
  #reasoning = "";
  /** @type {number | null} */ #seconds = null;
  #isReasoningChanged = false;
  /** @type {any[]} */ #calls = []; // pieces of calls that aren't shown yet
  #hasCalls = false;
  status = ""; // what a tool of the provider does now, in words
  #acked = 0;
  #ackedAt = 0;
  #ackTimer = 0;

  /** @param {HTMLElement} article @param {string} generation */
  constructor(article, generation) {
    this.article = article;
    this.generation = generation;
    this.#body = /** @type {HTMLElement} */ (article.querySelector(".message__body"));
    this.#tailNodes = [...this.#body.childNodes]; // what the page came with gives way to the first piece
    this.#isTailChanged = true;
    this.#reasoning = article.querySelector(".thought__text")?.textContent ?? "";
  }

  get hasContent() {
    return Boolean(this.#blocks.length || this.#tail || this.#reasoning || this.#hasCalls);
  }

  /** Apply a delta or a snapshot; false if pieces are missing before it. @param {any} frame */
  receive(frame) {
    if (frame.seq <= this.seq) this.#acked = 0; // it came over a new connection, which knows of no ack
    else if (frame.type === "generation.snapshot") this.#restore(frame);
    else if (frame.seq !== this.seq + 1) return false;
    else for (const op of frame.ops) this.#apply(op);
    this.seq = Math.max(this.seq, frame.seq);
    schedule(this);
    this.#ack();
    return true;
  }

  /** Write what is left; true if the page shows what the server has. @param {{hash: number}} frame */
  finish(frame) {
    clearTimeout(this.#ackTimer);
    this.render();
    return !this.#tail && !this.#text && crc32(this.#blocks.join("")) === frame.hash;
  }

  #apply(/** @type {any} */ op) {
    if (op.op === "block") this.#setBlock(op.i, op.html);
    else if (op.op === "tail") this.#setTail(this.#tail.slice(0, op.keep) + op.html);
    else if (op.op === "text") this.#text += op.t;
    else if (op.op === "reasoning") this.#setReasoning(this.#reasoning + op.t, op.seconds ?? this.#seconds);
    else if (op.op === "tool") this.#hasCalls = this.#calls.push(op) > 0;
    else if (op.op === "status") this.status = op.t;
  }

  #restore(/** @type {any} */ frame) {
    frame.blocks.forEach((/** @type {string} */ html, /** @type {number} */ i) => this.#setBlock(i, html));
    this.#blocks.length = frame.blocks.length;
    for (const nodes of this.#nodes.splice(frame.blocks.length)) this.#tailNodes.unshift(...nodes);
    this.#setTail(frame.tail);
    this.#setReasoning(frame.reasoning, frame.reasoning_seconds);
    this.status = frame.status;
    this.#hasCalls = frame.tools.length > 0;
    this.#calls = this.#hasCalls ? [{ op: "anew" }, ...frame.tools] : [];
  }

  #setBlock(/** @type {number} */ i, /** @type {string} */ html) {
    if (this.#blocks[i] === html) return;
    this.#blocks[i] = html;
    this.#changed.add(i);
  }

  #setTail(/** @type {string} */ html) {
    this.#tail = html;
    this.#text = "";
    this.#isTailChanged = true;
  }

  /** @param {string} text @param {number | null} seconds */
  #setReasoning(text, seconds) {
    this.#reasoning = text;
    this.#seconds = seconds;
    this.#isReasoningChanged = true;
  }

  /** Bring the page to the state. */
  render() {
    waiting.delete(this);
    for (const i of this.#changed) if (i < this.#nodes.length) this.#renderBlock(i);
    if (this.#isTailChanged || this.#blocks.length > this.#nodes.length) this.#renderEnd();
    if (this.#text.length > this.#textShown) this.#renderText();
    if (this.#isReasoningChanged) this.#renderReasoning();
    if (this.#calls.length) import("tools").then(({ showCalls }) => showCalls(this.article, this.#calls.splice(0)));
    this.#changed.clear();
    this.#isTailChanged = this.#isReasoningChanged = false;
  }

  #renderBlock(/** @type {number} */ i) {
    const after = [...this.#nodes.slice(i + 1), this.#tailNodes].find((nodes) => nodes.length)?.[0] ?? null;
    this.#nodes[i] = morph(this.#body, this.#nodes[i], [...fragment(this.#blocks[i]).childNodes], after);
    decorate(this.#nodes[i]);
  }

  /** The blocks that are new and the tail stand where the tail was: mostly they look the same. */
  #renderEnd() {
    const parts = [...this.#blocks.slice(this.#nodes.length), this.#tail].map((html) => [...fragment(html).childNodes]);
    const now = morph(this.#body, this.#tailNodes, parts.flat(), null);
    decorate(now);
    let at = 0;
    const lists = parts.map((part) => now.slice(at, (at += part.length)));
    this.#tailNodes = lists.pop() ?? [];
    this.#nodes.push(...lists);
    this.#textShown = 0;
  }

  #renderText() {
    const elements = this.#tailNodes.filter((node) => node instanceof Element);
    const code = elements.flatMap((element) => [...element.querySelectorAll("code")]).at(-1);
    const added = this.#text.slice(this.#textShown);
    if (code?.lastChild instanceof Text) code.lastChild.appendData(added);
    else code?.append(added);
    this.#textShown = this.#text.length;
  }

  #renderReasoning() {
    const thought = this.article.querySelector(".thought");
    const text = thought?.querySelector(".thought__text");
    if (!(thought instanceof HTMLElement) || !text) return;
    thought.hidden = !this.#reasoning;
    if (!text.firstChild) text.append("");
    reuse(text.firstChild, new Text(this.#reasoning));
    const words = this.#seconds === null ? "Thinking…" : `Thought for ${Math.max(1, Math.round(this.#seconds))} s`;
    const label = thought.querySelector(".thought__label") ?? thought.querySelector("summary");
    if (label && label.textContent !== words) label.textContent = words;
  }

  #ack() {
    clearTimeout(this.#ackTimer);
    const due = this.#ackedAt + ACK_EVERY - Date.now();
    if (due > 0) this.#ackTimer = setTimeout(() => this.#ack(), due);
    else if (this.seq > this.#acked) {
      this.#acked = this.seq;
      this.#ackedAt = Date.now();
      socket.tell({ type: "ack", generation: this.generation, seq: this.seq });
    }
  }
}
