/** The HTTP API as functions. */

/** @typedef {import("./types.js").Task} Task */

/** Maximum time of a request, in milliseconds. */
const TIMEOUT = 30_000;
/** The same for what is asked again and again: how long it takes to notice that nobody answers. */
const LOOK_TIMEOUT = 10_000;
/** The same for a file that the server may have to make first. */
const FILE_TIMEOUT = 300_000;
/** The same for the files of many documents. */
const ARCHIVE_TIMEOUT = 3_600_000;

/** An answer that is not a success, or no answer at all. */
export class ApiError extends Error {
  /**
   * @param {string} code stable code; `offline` when the server could not be reached
   * @param {string} detail a sentence of the server
   * @param {number} status HTTP status, 0 without an answer
   * @param {string} [requestId]
   * @param {number | null} [position] of a query that is none: characters before the one at which that shows
   * @param {number | null} [version] of a page that somebody else changed: the one it is at
   */
  constructor(code, detail, status, requestId = "", position = null, version = null) {
    super(detail);
    this.position = position;
    this.version = version;
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }
}

/**
 * The error an answer holds.
 * @param {number} status
 * @param {string} body
 * @param {string} requestId
 */
export function problem(status, body, requestId) {
  try {
    const { code, detail, title, position, version } = JSON.parse(body);
    return new ApiError(code ?? codeOf(status), detail ?? title ?? "", status, requestId, position ?? null, version ?? null);
  } catch {
    return new ApiError(codeOf(status), "", status, requestId);
  }
}

/**
 * The code for an answer that is not the server's own, as from a proxy before it.
 * @param {number} status
 */
function codeOf(status) {
  if (status === 502 || status === 503 || status === 504) return "unavailable";
  if (status === 408) return "timeout";
  return status === 429 ? "rate_limited" : "internal";
}

/**
 * The `data` of a success. A page of a proxy or of a sign-in is no answer of the server.
 * @param {string} body
 */
export function dataOf(body) {
  if (!body) return null;
  try {
    return JSON.parse(body).data;
  } catch {
    throw new ApiError("offline", "", 0);
  }
}

/**
 * The body of an answer; the connection may break before it has all come.
 * @template T
 * @param {Promise<T>} body
 */
const complete = (body) =>
  body.catch(() => {
    throw new ApiError("offline", "", 0);
  });

/**
 * The name of a file out of its `Content-Disposition`, `""` without one.
 * @param {string | null} header
 */
export function attachmentName(header) {
  const encoded = /;\s*filename\*=UTF-8''([^;\s]+)/i.exec(header ?? "")?.[1];
  const plain = /;\s*filename="([^"]*)"/i.exec(header ?? "")?.[1];
  try {
    return encoded ? decodeURIComponent(encoded) : (plain ?? "");
  } catch {
    return plain ?? "";
  }
}

/** @param {unknown} error */
export const isOffline = (error) => error instanceof ApiError && error.code === "offline";

/**
 * A request with a JSON body.
 * @param {unknown} body
 * @param {"POST" | "PATCH"} [method]
 * @returns {RequestInit}
 */
const json = (body, method = "POST") => ({ method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

export class Client {
  #fetch;
  #user;
  #refused;

  /**
   * @param {(url: string, options?: RequestInit) => Promise<Response>} fetch
   * @param {() => string} user the current user's id
   * @param {() => void} [refused] called when nobody is signed in who would have to be
   */
  constructor(fetch, user, refused = () => {}) {
    this.#fetch = fetch;
    this.#user = user;
    this.#refused = refused;
  }

  /** Whose documents requests are about. */
  get user() {
    return this.#user();
  }

  /**
   * An address with the user and these parameters; empty ones are left out.
   * @param {string} path
   * @param {Record<string, string | number | boolean | null | undefined>} [query]
   */
  url(path, query = {}) {
    const search = new URLSearchParams({ userId: this.user });
    for (const [name, value] of Object.entries(query)) {
      if (value !== "" && value !== null && value !== undefined && value !== false) search.set(name, String(value));
    }
    return `${path}?${search}`;
  }

  /**
   * @param {string} url
   * @param {RequestInit & { timeout?: number }} [options]
   */
  async request(url, options = {}) {
    const { timeout = TIMEOUT, signal, ...rest } = options;
    const timer = AbortSignal.timeout(timeout);
    /** @type {Response} */
    let response;
    try {
      response = await this.#fetch(url, { ...rest, signal: signal ? AbortSignal.any([signal, timer]) : timer });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError("offline", "", 0);
    }
    if (response.ok) return response;
    if (response.status === 401) this.#refused();
    throw problem(response.status, await response.text().catch(() => ""), response.headers.get("x-request-id") ?? "");
  }

  /**
   * @param {string} url
   * @param {RequestInit & { timeout?: number }} [options]
   */
  async #data(url, options) {
    const response = await this.request(url, options);
    return dataOf(await complete(response.text()));
  }

  /**
   * Asks for what is about nobody's documents, and returns the `data` of the answer.
   * @param {"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} method
   * @param {string} path
   * @param {object} [body] sent as JSON
   * @returns {Promise<any>}
   */
  exchange(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    const timeout = method === "GET" ? LOOK_TIMEOUT : TIMEOUT;
    return this.#data(path, body ? { method, timeout, headers, body: JSON.stringify(body) } : { method, timeout });
  }

  /**
   * @param {{ status?: string, q?: string, label?: string, collection?: string, deleted?: boolean, setAside?: boolean, cursor?: string | null, limit?: number }} filter
   * @returns {Promise<import("./types.js").TaskPage>}
   */
  tasks(filter) {
    return this.#data(this.url("/api/tasks", { limit: 100, ...filter }), { timeout: LOOK_TIMEOUT });
  }

  /**
   * @param {string} id
   * @returns {Promise<Task>}
   */
  async task(id) {
    /** @type {import("./types.js").OneTask} */
    const { task } = await this.#data(this.url(`/api/tasks/${id}`));
    return task;
  }

  /**
   * Pages of everything that was read, best first.
   * @param {{ q: string, taskId?: string, limit?: number, cursor?: string | null }} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<import("./types.js").SearchAnswer>}
   */
  search(query, signal) {
    return this.#data(this.url("/api/search", { ...query }), { timeout: LOOK_TIMEOUT, signal });
  }

  /**
   * The searches that the user saved, by name.
   * @returns {Promise<import("./types.js").SavedSearch[]>}
   */
  async savedSearches() {
    /** @type {import("./types.js").SavedSearches} */
    const { searches } = await this.#data(this.url("/api/searches"), { timeout: LOOK_TIMEOUT });
    return searches;
  }

  /**
   * Saves a search, in place of one of the same name.
   * @param {string} name
   * @param {string} query
   * @returns {Promise<import("./types.js").SavedSearch>}
   */
  saveSearch(name, query) {
    return this.#data(this.url("/api/searches"), json({ name, query }));
  }

  /** @param {string} id */
  async deleteSearch(id) {
    await this.request(this.url(`/api/searches/${id}`), { method: "DELETE" });
  }

  /** @param {string} id */
  async remove(id) {
    await this.request(this.url(`/api/tasks/${id}`), { method: "DELETE" });
  }

  /**
   * Opens a document that is locked, and returns the id of the task that reads it. The password goes no further.
   * @param {string} id
   * @param {string} password
   * @returns {Promise<string>}
   */
  async unlock(id, password) {
    /** @type {import("./types.js").Accepted} */
    const { taskId } = await this.#data(this.url(`/api/tasks/${id}/unlock`), { ...json({ password }), timeout: FILE_TIMEOUT });
    return taskId;
  }

  /** @param {string} id of a document in the trash, which is deleted for good */
  async purge(id) {
    await this.request(this.url(`/api/trash/${id}`), { method: "DELETE" });
  }

  /**
   * Deletes what is in the trash for good, a part of it when it is much.
   * @returns {Promise<import("./types.js").EmptiedTrash>}
   */
  emptyTrash() {
    return this.#data(this.url("/api/trash"), { method: "DELETE", timeout: FILE_TIMEOUT });
  }

  /**
   * @param {string} id
   * @param {"restore" | "cancel" | "retry"} action
   * @returns {Promise<Task>}
   */
  async act(id, action) {
    /** @type {import("./types.js").OneTask} */
    const { task } = await this.#data(this.url(`/api/tasks/${id}/${action}`), { method: "POST" });
    return task;
  }

  /**
   * Changes how up to 500 documents are filed; says how those that are there are filed now.
   * @param {string[]} taskIds
   * @param {import("../filing/filing.js").Change} change
   * @returns {Promise<import("./types.js").FiledTask[]>}
   */
  async file(taskIds, change) {
    /** @type {import("./types.js").Filings} */
    const { filings } = await this.#data(this.url("/api/filings"), json({ taskIds, change }, "PATCH"));
    return filings;
  }

  /**
   * The labels and collections that there are.
   * @returns {Promise<import("./types.js").FilingNames>}
   */
  filingNames() {
    return this.#data(this.url("/api/filings/names"), { timeout: LOOK_TIMEOUT });
  }

  /**
   * Reads the file of a task again as a task of its own, and returns its id.
   * @param {string} id
   * @param {{ engine: string }} options
   * @returns {Promise<string>}
   */
  async copy(id, options) {
    const headers = { "Content-Type": "application/json" };
    /** @type {import("./types.js").Accepted} */
    const { taskId } = await this.#data(this.url(`/api/tasks/${id}/copy`), { method: "POST", headers, body: JSON.stringify(options) });
    return taskId;
  }

  /**
   * @param {string} id
   * @returns {Promise<string>}
   */
  async downloadUrl(id) {
    /** @type {import("./types.js").DownloadLink} */
    const { downloadUrl } = await this.#data(this.url(`/api/tasks/${id}/download`));
    return downloadUrl;
  }

  /**
   * @param {string} id
   * @returns {Promise<string>}
   */
  async resultUrl(id) {
    /** @type {import("./types.js").ResultLink} */
    const { resultUrl } = await this.#data(this.url(`/api/tasks/${id}/result`));
    return resultUrl;
  }

  /**
   * The formats a result can be had in.
   * @returns {Promise<import("./types.js").Format[]>}
   */
  async formats() {
    /** @type {import("./types.js").Formats} */
    const { formats } = await this.#data("/api/formats");
    return formats;
  }

  /**
   * The whole result in a format, and the name that the server gives the file.
   * @param {string} id
   * @param {string} format its name
   */
  async rendition(id, format) {
    const response = await this.request(this.url(`/api/tasks/${id}/result`, { format }), { timeout: FILE_TIMEOUT });
    const blob = await complete(response.blob());
    return { blob, filename: attachmentName(response.headers.get("content-disposition")) };
  }

  /**
   * The results of many tasks in formats, as one archive, and the name that the server gives it.
   * @param {string[]} tasks their ids, at most 1000
   * @param {string[]} formats their names
   */
  async archive(tasks, formats) {
    const response = await this.request(this.url("/api/tasks/export"), { ...json({ tasks, formats }), timeout: ARCHIVE_TIMEOUT });
    const blob = await complete(response.blob());
    return { blob, filename: attachmentName(response.headers.get("content-disposition")) };
  }

  /**
   * Where the list can be had as a table for spreadsheets.
   * @param {{ status?: string, q?: string, label?: string, collection?: string, setAside?: boolean }} filter
   */
  tableUrl({ status, q, label, collection, setAside }) {
    return this.url("/api/tasks/export.csv", { status, q, label, collection, setAside });
  }

  /**
   * @param {string} id
   * @param {number} from
   * @param {number} to maximum 49 more than `from`
   * @returns {Promise<import("./types.js").Page[]>}
   */
  async pages(id, from, to) {
    /** @type {import("./types.js").Pages} */
    const { pages } = await this.#data(this.url(`/api/tasks/${id}/pages`, { from, to }));
    return pages;
  }

  /**
   * Pages with doubtful words.
   * @param {number} below confidence, 0 to 1
   * @param {string | null} cursor
   * @returns {Promise<import("./types.js").Review>}
   */
  review(below, cursor) {
    return this.#data(this.url("/api/review", { below, cursor }));
  }

  /** @returns {Promise<import("./types.js").CommonCorrections>} */
  commonCorrections() {
    return this.#data(this.url("/api/review/common"));
  }

  /**
   * A page with what was corrected on it.
   * @param {string} id
   * @param {number} page
   * @returns {Promise<import("./types.js").Corrections>}
   */
  corrections(id, page) {
    return this.#data(this.url(`/api/tasks/${id}/pages/${page}/corrections`));
  }

  /**
   * Changes a page that was seen at a version.
   * @param {string} id
   * @param {number} page
   * @param {number} version
   * @param {import("./types.js").Operation[]} operations
   * @returns {Promise<import("./types.js").Corrections>}
   */
  correct(id, page, version, operations) {
    return this.#data(this.url(`/api/tasks/${id}/pages/${page}/corrections`), json({ version, operations }));
  }

  /**
   * Takes back the last change of a page, or makes it again.
   * @param {string} id
   * @param {number} page
   * @param {number} version
   * @param {"undo" | "redo"} direction
   * @returns {Promise<import("./types.js").Corrections>}
   */
  stepCorrection(id, page, version, direction) {
    return this.#data(this.url(`/api/tasks/${id}/pages/${page}/corrections/${direction}`), json({ version }));
  }

  /**
   * Looks for the corrections of an earlier text on a page that was read again.
   * @param {string} id
   * @param {number} page
   * @param {number} version
   * @returns {Promise<import("./types.js").CarriedOver>}
   */
  carryOver(id, page, version) {
    return this.#data(this.url(`/api/tasks/${id}/pages/${page}/corrections/carry-over`), json({ version }));
  }

  /**
   * @param {string} id
   * @param {{ format?: "text" | "markdown", from?: number, to?: number }} [range]
   */
  async text(id, range = {}) {
    const response = await this.request(this.url(`/api/tasks/${id}/text`, range));
    return complete(response.text());
  }

  /**
   * @param {string} id
   * @param {number} page
   * @param {number} width one of the widths the server draws
   * @param {{ turn?: number, deleted?: boolean }} [of] degrees by which the page was turned when it was read, as a
   *   browser keeps one image an address; whether the document is in the trash
   */
  imageUrl(id, page, width, { turn = 0, deleted = false } = {}) {
    return this.url(`/api/tasks/${id}/pages/${page}/image`, { width, turn: turn || "", deleted });
  }

  /** @returns {Promise<import("./types.js").Engines>} */
  engines() {
    return this.#data("/api/engines");
  }

  /**
   * @param {number} days
   * @returns {Promise<import("./types.js").Statistics>}
   */
  statistics(days) {
    return this.#data(this.url("/api/stats", { days }));
  }

  /**
   * What was used today and this month, and what is left.
   * @param {string} [of] the user, for administrators; oneself without
   * @returns {Promise<import("./types.js").UsageReport>}
   */
  usage(of) {
    return this.#data(this.url("/api/usage", { userId: of }));
  }
}
