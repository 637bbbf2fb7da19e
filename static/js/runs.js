/** The generations of the open conversation while they are queued, wait, run and end. */
import { setEnd, setState } from "articles";
import { socket } from "socket";
import { Reader } from "status";
import { ACK_EVERY, AnswerStream } from "stream";

export const RUNNING = '[data-status="queued"], [data-status="running"]';
const HEAL_EVERY = 1_000; // ms between two requests for a snapshot

export class Runs {
  #conversation;
  /** @type {Map<string, {stream: AnswerStream, reader: Reader, hasSpoken: boolean}>} */ #runs = new Map();
  #countdown = 0;
  #healedAt = 0;
  /** @type {(() => void)[]} */ #early = [];
  /** @type {Set<string>} */ #over = new Set();
  /** @type {Map<string, number>} */ #unseen = new Map(); // the latest piece of each run that isn't shown

  /** @param {import("conversation").ChatConversation} conversation */
  constructor(conversation) {
    this.#conversation = conversation;
  }

  listen() {
    const conversation = this.#conversation;
    const listen = conversation.on.bind(conversation);
    listen("generation.queued", (frame) => this.#say(frame, "queued", queueWords(frame.position)));
    listen("generation.started", (frame) => this.#say(frame, "running", "Waiting for the first words…"));
    listen("generation.waiting", (frame) => this.#wait(frame, Date.now() + frame.seconds * 1000));
    for (const type of ["generation.snapshot", "generation.delta"]) {
      socket.on(type, (frame) => frame.conversation === conversation.uuid ? this.#piece(frame) : this.#pass(frame));
    }
    listen("generation.finished", (frame) => this.#finished(frame));
  }

  /** How far the page is with each run. @returns {Record<string, number>} */
  get have() {
    return Object.fromEntries([...this.#runs].map(([generation, { stream }]) => [generation, stream.seq]));
  }

  /** The log was swapped: every run begins with a snapshot again. */
  forget() {
    this.#runs.clear();
  }

  /** Do again what came before the reply that named its message; if nothing is asked any more, the rest is dropped. */
  replay() {
    for (const again of this.#early.splice(0)) again();
  }

  /** The article of a frame. It may be on its way: then the frame waits for it.
   * @param {any} frame @param {() => void} again */
  #article(frame, again) {
    const article = this.#conversation.article(frame.message);
    if (!article && this.#conversation.orders.isAsking) this.#early.push(again);
    return article;
  }

  /** A piece that nobody sees counts as read: else it fills what the server lends us. @param {any} frame */
  #pass({ generation, seq }) {
    if (!this.#unseen.size) setTimeout(() => this.#ackUnseen(), ACK_EVERY);
    this.#unseen.set(generation, seq);
  }

  #ackUnseen() {
    for (const [generation, seq] of this.#unseen) socket.tell({ type: "ack", generation, seq });
    this.#unseen.clear();
  }

  /** @param {any} frame @param {string} status @param {string} words @param {() => void} [again] */
  #say(frame, status, words, again = () => this.#say(frame, status, words)) {
    const article = this.#article(frame, again);
    if (!article || this.#over.has(frame.generation)) return;
    clearTimeout(this.#countdown);
    Object.assign(article.dataset, { status, generation: frame.generation });
    setState(article, words);
    this.#conversation.showRunning();
    return true;
  }

  /** Count down to the next try. @param {any} frame @param {number} until epoch ms */
  #wait(frame, until) {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    const words = seconds > 0 ? `${frame.why} Trying again in ${seconds} s.` : "Trying again…";
    const isShown = this.#say(frame, "running", words.trim(), () => this.#wait(frame, until));
    if (isShown && seconds > 0) this.#countdown = setTimeout(() => this.#wait(frame, until), 1000);
  }

  /** @param {any} frame */
  #piece(frame) {
    const article = this.#article(frame, () => this.#piece(frame));
    if (!article || this.#over.has(frame.generation) || hasEnd(article, frame)) return this.#pass(frame);
    const run = this.#run(article, frame.generation);
    if (!run.stream.receive(frame)) this.#heal(frame);
    const { hasContent, status } = run.stream;
    if (!hasContent && !status && !run.hasSpoken) return;
    run.hasSpoken = true;
    clearTimeout(this.#countdown);
    setState(article, status || (hasContent ? "" : "Waiting for the first words…"));
    run.reader.next();
  }

  /** @param {HTMLElement} article @param {string} generation */
  #run(article, generation) {
    const known = this.#runs.get(generation);
    if (known?.stream.article === article) return known;
    const run = { stream: new AnswerStream(article, generation), reader: new Reader(article), hasSpoken: false };
    this.#runs.set(generation, run);
    Object.assign(article.dataset, { status: "running", generation });
    this.#conversation.showRunning();
    return run;
  }

  /** Pieces are missing: ask for the state. */
  #heal(/** @type {any} */ frame) {
    this.#pass(frame);
    if (Date.now() - this.#healedAt < HEAL_EVERY) return;
    this.#healedAt = Date.now();
    this.#conversation.open();
  }

  /** @param {any} frame */
  #finished(frame) {
    const conversation = this.#conversation;
    const article = this.#article(frame, () => this.#finished(frame));
    if (article || !conversation.orders.isAsking) this.#over.add(frame.generation);
    if (!article) return;
    if (hasEnd(article, frame)) return conversation.reached(frame.revision); // somebody may write in it by now
    clearTimeout(this.#countdown);
    const run = this.#runs.get(frame.generation);
    this.#runs.delete(frame.generation);
    const isWhole = run?.stream.finish(frame) ?? false;
    article.dataset.status = frame.status;
    setEnd(article, frame.html);
    conversation.reached(frame.revision);
    conversation.showRunning();
    run?.reader.end(frame.status, article.querySelector(".results__hint")?.textContent);
    if (!isWhole) conversation.refresh();
  }
}

/** Whether the end of a run came with the log, before what led to it. @param {HTMLElement} article @param {any} frame */
const hasEnd = (article, frame) => !article.matches(RUNNING) && article.dataset.generation === frame.generation;

/** @param {number} position how many must end before */
function queueWords(position) {
  if (!position) return "Next in line…";
  return position === 1 ? "Waiting for one other answer to end…" : `Waiting for ${position} other answers to end…`;
}
