/**
 * How much of what the chosen model can read is taken: by the conversation, as its newest run was counted, and by what
 * is written, as it is estimated. Shown from 80 %. Loaded when half is taken.
 */
import { socket } from "socket";
import { announce } from "status";

const SHOWN_FROM = 0.8;
const BYTES_OF_A_TOKEN = 4; // a guess, as the server's
const TOKENS_OF_A_MESSAGE = 4;

const field = /** @type {HTMLTextAreaElement} */ (document.getElementById("composer-text"));
const place = /** @type {HTMLElement} */ (document.createElement("div"));
const bar = document.createElement("div");
const words = document.createElement("p");
let said = "";

place.className = "gauge";
place.hidden = true;
bar.className = "gauge__bar";
bar.role = "meter";
bar.ariaLabel = "Context window";
bar.ariaValueMin = "0";
bar.ariaValueMax = "100";
words.className = "gauge__words";
place.append(bar, words);
field.closest("form")?.querySelector(".composer__row")?.before(place);

/** @param {string} text */
const estimate = (text) => (text ? TOKENS_OF_A_MESSAGE + new TextEncoder().encode(text).length / BYTES_OF_A_TOKEN : 0);

/** Tokens of the conversation: counted up to the newest answer that was, estimated from there on. */
function read() {
  const articles = [...document.querySelectorAll(".log__column > article")];
  const counted = articles.findLastIndex((article) => article.querySelector("[data-tokens]"));
  const foot = /** @type {HTMLElement | null | undefined} */ (articles[counted]?.querySelector("[data-tokens]"));
  const rest = articles.slice(counted + 1).map((article) => article.querySelector(".message__body")?.textContent ?? "");
  return Number(foot?.dataset.tokens ?? 0) + rest.reduce((sum, text) => sum + estimate(text), 0);
}

/** What happens to more than the model can read. @param {boolean} isFull @param {string | undefined} overflow */
function outlook(isFull, overflow) {
  const then = overflow === "drop_oldest" ? "the oldest messages are left out" : "the message is refused";
  const way = overflow === "drop_oldest" ? "" : " Shorten it, begin a new conversation, or choose a model that reads more.";
  return isFull ? `As it is, ${then}.${way}` : `Beyond that, ${then}.`;
}

function weigh() {
  const option = /** @type {HTMLElement | null} */ (document.querySelector('#picker [role="option"][aria-selected="true"]'));
  const { name = "the model", window: most, overflow } = option?.dataset ?? {};
  const share = Number(most) ? (read() + estimate(field.value)) / Number(most) : 0;
  place.hidden = share < SHOWN_FROM;
  if (place.hidden) return void (said = "");
  const percent = Math.round(share * 100);
  const isFull = share > 1;
  place.dataset.state = isFull ? "full" : share >= 0.9 ? "nearly" : "much";
  bar.style.setProperty("--share", String(Math.min(share, 1)));
  bar.ariaValueNow = String(Math.min(percent, 100));
  bar.ariaValueText = `about ${percent} %`;
  const text = `About ${percent} % of what ${name} can read. ${outlook(isFull, overflow)}`;
  if (words.textContent !== text) words.textContent = text;
  if (said !== place.dataset.state) announce(text);
  said = place.dataset.state;
}

/** After the page has taken in what happened. */
const soon = () => void requestAnimationFrame(weigh);

field.addEventListener("input", soon);
document.addEventListener("model-chosen", soon);
for (const type of ["generation.finished", "message.added", "branch.selected", "generation.started"]) socket.on(type, soon);
const column = document.querySelector(".log__column");
if (column) new MutationObserver(soon).observe(column, { childList: true });
weigh();
