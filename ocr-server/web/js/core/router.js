/**
 * Where the reader is, kept in the fragment of the address so that every place can be linked to.
 *
 * `#/documents?status=failed&q=invoice`, `#/documents/ID?page=3&word=17&tab=json`, `#/overview`,
 * `#/review`, `#/trash`, `#/api`, `#/account`, `#/users`, `#/limits`, `#/audit`, and what one-time links lead to: `#/set-up?token=…`, `#/reset?token=…`.
 */
import { signal } from "./signal.js";

/** @typedef {"documents" | "document" | "overview" | "review" | "trash" | "api" | "account" | "users" | "limits" | "audit" | "set-up" | "reset" | "lost"} Screen */
/** @typedef {{ screen: Screen, id: string, query: Record<string, string> }} Route */

/** @type {Record<string, Screen>} */
const SCREENS = { "": "documents", documents: "documents", overview: "overview", review: "review", trash: "trash", api: "api", account: "account", users: "users", limits: "limits", audit: "audit", "set-up": "set-up", reset: "reset" };

/**
 * @param {string} fragment with or without its `#`
 * @returns {Route}
 */
export function parseRoute(fragment) {
  const [path = "", search = ""] = fragment.replace(/^#?\/?/, "").split("?", 2);
  const query = Object.fromEntries(new URLSearchParams(search));
  const [name = "", id = "", ...rest] = path.replace(/\/$/, "").split("/").map(decoded);
  if (rest.length === 0 && name === "documents" && id) return { screen: "document", id, query };
  const screen = id || rest.length ? undefined : SCREENS[name];
  return { screen: screen ?? "lost", id: "", query };
}

/**
 * @param {Screen} screen
 * @param {Record<string, string | number | null | undefined>} [query] empty values are left out
 * @param {string} [id]
 */
export function formatRoute(screen, query = {}, id = "") {
  const path = screen === "document" ? `documents/${encodeURIComponent(id)}` : screen;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return `#/${path}${text ? `?${text}` : ""}`;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export class Router {
  #window;

  /** @param {Pick<Window, "location" | "history" | "addEventListener">} window */
  constructor(window) {
    this.#window = window;
    this.route = signal(parseRoute(window.location.hash));
    window.addEventListener("hashchange", () => this.#read());
    window.addEventListener("popstate", () => this.#read());
  }

  #read() {
    this.route.value = parseRoute(this.#window.location.hash);
  }

  /** @param {string} link made by {@link formatRoute} */
  go(link) {
    this.#window.history.pushState(null, "", link);
    this.#read();
  }

  /**
   * Changes part of the query of the place one is at, without a step in the history.
   * @param {Record<string, string | number | null | undefined>} changes
   */
  refine(changes) {
    const { screen, id, query } = this.route.peek();
    const link = formatRoute(screen, { ...query, ...changes }, id);
    if (link === this.#window.location.hash) return;
    this.#window.history.replaceState(null, "", link);
    this.#read();
  }
}
