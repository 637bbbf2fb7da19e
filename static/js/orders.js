/** What a person asks for in the open conversation. It shows on the page at once and goes back if it is refused. */
import { identify, nameModel, newAnswer, newId, newQuestion, setEnd, setState, whyNot } from "articles";
import { OrderError, socket } from "socket";
import { toast } from "status";

/** @typedef {{type: string, client_id: string, text: string, [key: string]: any}} Kept */

export { newId, whyNot };

/** @param {HTMLElement} article */
const parentOf = (article) => article.previousElementSibling?.getAttribute("data-message") ?? "";

export class Orders {
  #conversation;
  /** @type {Set<HTMLElement>} */ #pending = new Set(); // answers asked for and not acknowledged
  #isStopWanted = false;
  /** The server was ahead of the page while something was asked for. */
  isBehind = false;
  /** What the inspector adds to the next message: `format` and `parameters`, where they differ from the conversation's.
   * @type {() => object | Promise<object>} */
  chosen = () => ({});

  /** @param {import("conversation").ChatConversation} conversation */
  constructor(conversation) {
    this.#conversation = conversation;
    socket.on("state", () => this.#pending.forEach((answer) => this.#sayPending(answer)));
  }

  get isAsking() {
    return this.#pending.size > 0;
  }

  /** Send a message, or one that was kept from before; it carries what is chosen now, or what it carried then.
   * @param {Kept} kept */
  async send({ type, conversation = this.#conversation.uuid || null, ...kept }) {
    const order = { conversation, ...kept };
    if (!("parameters" in kept)) {
      const chosen = this.#conversation.log.isCut ? this.#conversation.log.toNewest().then(this.chosen) : this.chosen();
      if (chosen instanceof Promise) this.#conversation.composer?.keep({ type: "message.send", ...order });
      Object.assign(order, chosen instanceof Promise ? await chosen : chosen); // else at once: orders keep their order
    }
    return this.#write("message.send", order, this.#conversation.last);
  }

  /** Say a message differently. @param {Kept} kept */
  edit({ type, ...order }) {
    const article = this.#conversation.article(order.message);
    return this.#write("message.edit", order, article?.previousElementSibling ?? null);
  }

  /** Another answer; `wanted` may have `format` and `parameters`, for this run only.
   * @param {HTMLElement} article @param {string} [model] @param {object} [wanted] */
  regenerate(article, model, wanted = {}) {
    const order = { client_id: newId(), message: article.dataset.message, model: model ?? null, ...wanted };
    return this.#tell(this.#ask("message.regenerate", order, { above: article.previousElementSibling }));
  }

  /** Let the answer go on, or run it again. @param {HTMLElement} article @param {"continue" | "retry"} deed */
  rerun(article, deed) {
    const order = { client_id: newId(), message: article.dataset.message };
    return this.#tell(this.#ask(`message.${deed}`, order, { above: article, article }));
  }

  /** Show the branch through a sibling; `label` names the button that keeps the focus.
   * @param {HTMLElement} article @param {string} message @param {string} label */
  async select(article, message, label) {
    const done = await this.#tell(socket.order("branch.select", { message }, { again: true }));
    if (!done) return;
    this.#conversation.dataset.view = "";
    await this.#conversation.refresh({ id: article.id, becomes: `message-${message}` });
    const now = this.#conversation.article(message);
    const button = now?.querySelector(`[data-action="select"]:enabled[aria-label="${CSS.escape(label)}"]`);
    const other = now?.querySelector('[data-action="select"]:enabled');
    /** @type {HTMLElement | null | undefined} */ (button ?? other)?.focus({ preventScroll: true });
  }

  /** Stop the answer that runs; one that isn't acknowledged yet is stopped as soon as it is. */
  stop() {
    const running = this.#conversation.running;
    if (!running) return;
    setState(running, "Stopping…");
    const { generation } = running.dataset;
    if (generation) this.#tell(socket.order("generation.stop", { generation }, { again: true }));
    else this.#isStopWanted = true;
  }

  /** @param {string} type @param {Kept | any} order @param {Element | null} above what the new message follows */
  async #write(type, order, above) {
    const { composer } = this.#conversation;
    composer?.keep({ type, ...order });
    try {
      await this.#ask(type, order, { above, text: order.text, images: order.images });
      composer?.acknowledged(order.client_id);
      this.#conversation.dispatchEvent(new Event("order-accepted"));
    } catch (error) {
      if (!(error instanceof OrderError)) throw error;
      composer?.refused(order, error.message);
      this.#conversation.dispatchEvent(new CustomEvent("order-refused", { detail: error }));
      if (error.code === "conflict" || error.code === "not_found") this.#conversation.refresh();
    }
  }

  /** Show a refusal; undefined stands for it.
   * @template T @param {Promise<T>} asked @returns {Promise<T | undefined>} */
  async #tell(asked) {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof OrderError)) throw error;
      toast(error.message);
    }
  }

  /** Put the question and the place of its answer below `above` (null: at the top), and give the order.
   * @param {string} type @param {any} order
   * @param {{above: Element | null, text?: string, images?: any[], article?: HTMLElement}} places article: an answer that
   *   runs again */
  async #ask(type, order, { above, text = "", images = [], article }) {
    const conversation = this.#conversation;
    const shown = [...conversation.column.children];
    const removed = shown.slice(above ? shown.indexOf(above) + 1 : 0);
    const question = text || images.length ? newQuestion(text) : null;
    if (question && images.length) import("pictures").then(({ illustrate }) => illustrate(question, images), () => {});
    const answer = article ?? newAnswer(conversation.querySelector("chat-picker .model__name")?.textContent ?? "");
    const before = { status: answer.dataset.status, end: answer.querySelector(".message__end")?.cloneNode(true) };
    const { newer } = conversation.column.dataset;
    conversation.column.dataset.newer = "0";
    for (const old of removed) old.remove();
    if (question) conversation.column.append(question);
    if (!article) conversation.column.append(answer);
    answer.dataset.status = "queued";
    delete answer.dataset.generation;
    this.#pending.add(answer);
    this.#sayPending(answer);
    conversation.log.added(0);
    conversation.showRunning();
    if (!article) conversation.log.makeRoom(question ?? above ?? answer, answer);
    try {
      const reply = await socket.order(type, order);
      this.#pending.delete(answer);
      this.#adopt(reply, question, answer);
      if (question && type === "message.edit") this.#showSiblings(question);
      return reply;
    } catch (error) {
      this.#pending.delete(answer);
      question?.remove();
      if (!article) answer.remove();
      else if (before.end instanceof Element) setEnd(answer, before.end);
      if (article) answer.dataset.status = before.status;
      conversation.column.append(...removed);
      conversation.column.dataset.newer = newer;
      conversation.log.added(0);
      throw error;
    } finally {
      this.#isStopWanted = false;
      conversation.runs.replay();
      conversation.showRunning();
      if (this.isBehind && !this.isAsking) conversation.refresh();
      this.isBehind &&= this.isAsking;
    }
  }

  /** @param {any} reply @param {HTMLElement | null} question @param {HTMLElement} answer */
  #adopt(reply, question, answer) {
    const conversation = this.#conversation;
    if (!conversation.uuid) conversation.begin(reply);
    if (conversation.uuid !== reply.conversation) {
      question?.remove();
      answer.remove(); // kept from two new conversations: this page became the first
      return;
    }
    if (question && conversation.article(reply.question)) question.remove();
    else if (question) identify(question, reply.question, parentOf(question));
    const shown = conversation.article(reply.answer);
    if (shown && shown !== answer) answer.remove();
    else {
      identify(answer, reply.answer, reply.question ?? answer.dataset.parent ?? "");
      answer.dataset.generation = reply.generation;
      nameModel(answer, reply.model_name);
      setState(answer, "Waiting for the first words…");
    }
    conversation.reached(reply.revision, reply.answer);
    if (this.#isStopWanted) this.stop();
  }

  /** An edited message has siblings now: its foot comes from the server. @param {HTMLElement} question */
  async #showSiblings(question) {
    const page = await this.#conversation.log.fetchPage(`?around=${question.dataset.message}`);
    const end = page?.articles.find((article) => article.id === question.id)?.querySelector(".message__end");
    if (end) setEnd(question, end);
  }

  /** @param {HTMLElement} answer */
  #sayPending(answer) {
    setState(answer, socket.state === "open" ? "Sending…" : "Waits for the connection. It goes out once, on return.");
  }
}
