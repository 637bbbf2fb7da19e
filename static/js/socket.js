/**
 * One WebSocket per tab. Orders become promises; what the server tells goes to listeners by its type.
 * An order with `client_id` is safe to repeat: it waits while the connection is away and is sent again until it is
 * answered. Others wait too, but are given up when the connection breaks after they were sent.
 */

const PING_EVERY = 20_000;
const PING_DEADLINE = 25_000; // together with PING_EVERY: dead at 45 s
const WAKE_DEADLINE = 3_000;
const OFFLINE_DEADLINE = 1_000; // a network on this machine may still be there
const CONNECT_DEADLINE = 8_000;
const [FIRST_DELAY, LONGEST_DELAY] = [300, 8_000];
const LONGEST_DELAY_AT_FIRST = 1_600; // in the first minute of trouble, while somebody looks
const [SIGNED_OUT, REFUSED, TOO_MUCH] = [4401, 4403, 4429]; // codes of a close
const TIMEOUT = 20_000;
const SLOW = 4_000; // an order that takes longer may have gone into a dead connection
/** @typedef {{type: string, id?: string, [key: string]: any}} Frame */
/** @typedef {{frame: Frame, again: boolean, sent: boolean, timer: number} & PromiseWithResolvers<any>} Order */
/** @typedef {"connecting" | "open" | "away" | "signed-out" | "refused"} State */

export class OrderError extends Error {
  /** @param {string} code @param {string} message may be shown @param {string} [field] the parameter it is about */
  constructor(code, message, field = "") {
    super(message);
    this.code = code;
    this.field = field;
  }
}

class Socket {
  /** @type {State} */ state = "connecting";
  #hasOpened = false;
  #failures = 0;
  #url = "";
  /** @type {WebSocket | null} */ #ws = null;
  /** @type {Map<string, Order>} */ #orders = new Map();
  /** @type {Map<string, ((frame: any) => void)[]>} */ #listeners = new Map();
  #count = 0;
  #lastSeen = 0;
  #lastTick = Date.now();
  #awaySince = Date.now();
  #timer = 0; // of the next try, or of the try that runs

  /** No connection came about since the page was loaded: the page's forms have to do. */
  get isHopeless() {
    return !this.#hasOpened && this.#failures > 2;
  }

  /** @param {string} path of the socket on this site */
  start(path) {
    this.#url = new URL(path, location.href).href.replace(/^http/, "ws");
    setInterval(() => this.#tick(), PING_EVERY);
    addEventListener("offline", () => this.#check(OFFLINE_DEADLINE));
    addEventListener("pagehide", () => this.#ws?.close(1000));
    this.#connect();
  }

  /** Listen to frames of a type, or to "state". @param {string} type @param {(frame: any) => void} listener */
  on(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  /** Give an order; resolves with the reply, rejects with OrderError.
   * @param {string} type @param {object} fields @param {{again?: boolean}} [options] again: may be given once more */
  order(type, fields, { again = "client_id" in fields } = {}) {
    const id = String(++this.#count);
    const order = { frame: { type, id, ...fields }, again, sent: false, timer: 0, ...Promise.withResolvers() };
    this.#orders.set(id, order);
    if (this.state === "open") this.#dispatch(order);
    else if (!again) this.#limit(order);
    return order.promise;
  }

  /** Send something that needs no answer, if the connection is there. @param {Frame} frame */
  tell(frame) {
    if (this.state === "open") this.#ws?.send(JSON.stringify(frame));
  }

  /** Connect at once, or find out within 3 s whether the connection still lives. */
  wake() {
    if (this.state === "open") this.#check(WAKE_DEADLINE);
    else if (this.state === "away") {
      this.#failures = 0;
      this.#drop();
      this.#connect();
    }
  }

  #connect() {
    const ws = (this.#ws = new WebSocket(this.#url));
    this.#timer = setTimeout(() => this.#lost(ws, 0), CONNECT_DEADLINE);
    ws.onopen = () => this.#opened();
    ws.onmessage = (event) => this.#received(JSON.parse(event.data));
    ws.onclose = (event) => this.#lost(ws, event.code);
  }

  #opened() {
    clearTimeout(this.#timer);
    this.#hasOpened = true;
    this.#setState("open");
    for (const order of this.#orders.values()) if (!order.sent) this.#dispatch(order);
  }

  #received(/** @type {Frame} */ frame) {
    this.#lastSeen = Date.now();
    this.#failures = 0;
    const order = this.#orders.get(frame.id ?? "");
    if (frame.type !== "reply" && frame.type !== "error") this.#emit(frame.type, frame);
    else if (order) this.#settle(order, frame.type === "error" && new OrderError(frame.code, frame.message, frame.field), frame);
  }

  #dispatch(/** @type {Order} */ order) {
    order.sent = true;
    this.#limit(order);
    setTimeout(() => this.#orders.has(order.frame.id ?? "") && this.#check(SLOW), SLOW);
    this.#ws?.send(JSON.stringify(order.frame));
  }

  #limit(/** @type {Order} */ order) {
    const late = new OrderError("timeout", "The server did not answer in time. Try again.");
    order.timer ||= setTimeout(() => this.#settle(order, late), TIMEOUT);
  }

  /** @param {Order} order @param {OrderError | false} error @param {Frame} [reply] */
  #settle(order, error, reply) {
    clearTimeout(order.timer);
    this.#orders.delete(order.frame.id ?? "");
    error ? order.reject(error) : order.resolve(reply);
  }

  #tick() {
    const hasSlept = !document.hidden && Date.now() - this.#lastTick > 2 * PING_EVERY;
    this.#lastTick = Date.now();
    this.#check(hasSlept ? WAKE_DEADLINE : PING_DEADLINE);
  }

  /** Ping; without any frame until the deadline (ms) the connection counts as dead. @param {number} deadline */
  #check(deadline) {
    const ws = this.#ws;
    const asked = Date.now();
    if (this.state !== "open" || !ws) return;
    this.tell({ type: "ping", id: "ping" });
    setTimeout(() => this.#lastSeen < asked && this.#lost(ws, 0), deadline);
  }

  /** @param {WebSocket} ws @param {number} code */
  #lost(ws, code) {
    if (this.#ws !== ws) return;
    if (this.state === "open") this.#awaySince = Date.now();
    this.#drop();
    for (const order of this.#orders.values()) this.#suspend(order);
    if (code === SIGNED_OUT) this.checkSession();
    else if (code !== REFUSED) this.#retry(code === TOO_MUCH);
    this.#setState(code === REFUSED ? "refused" : "away");
  }

  /** Is this person signed out, or has the session only got another key (a new password)? */
  async checkSession() {
    const response = await fetch("/", { headers: { Accept: "application/json" } }).catch(() => null);
    const isOther = response?.ok && !(await response.text()).includes(`data-user="${document.body.dataset.user}"`);
    if (!isOther && response?.status !== 401) return this.#ws || this.#retry(false);
    this.#drop();
    this.#setState("signed-out");
  }

  #suspend(/** @type {Order} */ order) {
    if (order.again) clearTimeout(order.timer);
    if (order.again) Object.assign(order, { sent: false, timer: 0 });
    else if (order.sent) this.#settle(order, new OrderError("disconnected", "The connection broke. Try again."));
  }

  #retry(/** @type {boolean} */ isLimited) {
    const isFresh = !document.hidden && Date.now() - this.#awaySince < 60_000;
    const longest = isFresh ? LONGEST_DELAY_AT_FIRST : LONGEST_DELAY;
    const delay = isLimited ? LONGEST_DELAY : Math.min(longest, FIRST_DELAY * 2 ** this.#failures);
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), delay * (0.5 + Math.random() / 2));
  }

  /** Forget the connection without waiting for its close: a dead one may take minutes to say so. */
  #drop() {
    clearTimeout(this.#timer);
    const ws = this.#ws;
    this.#ws = null;
    if (ws) ws.onopen = ws.onmessage = ws.onclose = null;
    ws?.close();
  }

  #setState(/** @type {State} */ state) {
    if (this.state !== state) this.#emit("state", { state: (this.state = state) });
  }

  #emit(/** @type {string} */ type, /** @type {any} */ frame) {
    for (const listener of this.#listeners.get(type) ?? []) listener(frame);
  }
}

export const socket = new Socket();
