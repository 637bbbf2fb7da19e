/** Asks the server for hits, and says in plain words why there are none. */

const PATIENCE = 8_000; // ms
const OFFLINE = "You are offline. Searching needs the server.";
const UNREACHABLE = "The server can't be reached just now. Type on to try again.";
const SIGNED_OUT = "You are signed out. Load the page again to sign in.";
const FAILED = "The server could not search just now. Type on to try again.";

/** The list as HTML, or why it could not be had. Nobody waits for it any more once `signal` has come.
 * @param {string} text @param {AbortSignal} signal @returns {Promise<{html: string, trouble: string}>} */
export async function fetchHits(text, signal) {
  try {
    const both = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    const response = await fetch(`/search/hits/?${new URLSearchParams({ q: text })}`, { signal: both });
    if (response.ok && !response.redirected) return { html: await response.text(), trouble: "" };
    return { html: "", trouble: response.redirected || response.status === 401 ? SIGNED_OUT : FAILED };
  } catch {
    return { html: "", trouble: navigator.onLine ? UNREACHABLE : OFFLINE };
  }
}
