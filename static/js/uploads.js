/** A file on its way to the server. `fetch` can't say how far it is. */
import { socket } from "socket";

/** Send one file; what the server made of it. Rejects with an Error whose message may be shown.
 * @param {string} url @param {File} file
 * @param {{progress: (part: number) => void, signal: AbortSignal}} options part: from 0 to 1 @returns {Promise<any>} */
export function upload(url, file, { progress, signal }) {
  const form = new FormData(/** @type {HTMLFormElement} */ (document.getElementById("order")));
  form.delete("next");
  form.set("file", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
  signal.addEventListener("abort", () => request.abort());
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ words) => reject(new Error(words));
    request.onload = () => (request.status === 201 ? resolve(request.response) : fail(refusal(request)));
    request.onerror = () => fail("It didn't reach the server. Remove it and add it again.");
    request.onabort = () => fail("");
    request.send(form);
  });
}

/** What a proxy on the way refuses has no words of ours. @param {XMLHttpRequest} request */
function refusal({ status, response }) {
  if (status === 401) socket.checkSession();
  if (response?.message) return response.message;
  if (status === 413) return "It is larger than the most that can be added.";
  return status === 401 ? "You are signed out." : "The server could not take it. Remove it and add it again.";
}
