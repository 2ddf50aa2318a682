/** Requests that tell how many bytes have gone. */
import { ApiError, dataOf, problem } from "../api/client.js";

/**
 * @typedef {object} Sending
 * @property {string} method
 * @property {string} url
 * @property {XMLHttpRequestBodyInit | null} [body]
 * @property {Record<string, string>} [headers]
 * @property {(bytes: number) => void} [onProgress]
 * @property {AbortSignal} signal
 */

/** Maximum silence of a request before it counts as lost, in milliseconds. */
const SILENCE = 60_000;

/**
 * Sends a request and returns the `data` of its answer.
 * @param {Sending} sending
 * @returns {Promise<any>}
 */
export function send({ method, url, body = null, headers = {}, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let watch = setTimeout(lost, SILENCE);
    function lost() {
      request.abort();
      reject(new ApiError("offline", "", 0));
    }
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(lost, SILENCE);
    };
    const abort = () => {
      request.abort();
      reject(signal.reason);
    };
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      alive();
      onProgress?.(event.loaded);
    };
    request.onerror = () => reject(new ApiError("offline", "", 0));
    request.onload = () => {
      const { status, responseText } = request;
      if (status < 200 || status > 299) {
        reject(problem(status, responseText, request.getResponseHeader("x-request-id") ?? ""));
        return;
      }
      try {
        resolve(dataOf(responseText));
      } catch (error) {
        reject(error);
      }
    };
    request.onloadend = () => {
      clearTimeout(watch);
      signal.removeEventListener("abort", abort);
    };
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    else request.send(body);
  });
}
