/** How one file reaches the server: whole when small, in parts that can be resumed when large. */
import { ApiError } from "../api/client.js";

/** Files above this size go in parts. */
export const WHOLE_UP_TO = 8 * 1024 * 1024;

/** @typedef {import("../api/types.js").UploadOptions} UploadOptions */
/** @typedef {{ key: string, file: File, options: UploadOptions, signal: AbortSignal, onProgress: (bytes: number) => void }} Job */

export class Sender {
  #client;
  #send;
  #remembered;

  /**
   * @param {Pick<import("../api/client.js").Client, "url">} client
   * @param {typeof import("./transport.js").send} send
   * @param {import("./remembered.js").Remembered} remembered
   */
  constructor(client, send, remembered) {
    this.#client = client;
    this.#send = send;
    this.#remembered = remembered;
  }

  /**
   * Sends a file and returns the id of its task. Calling it again after a failure goes on where
   * the last call ended, and never makes a second task.
   * @param {Job} job
   * @returns {Promise<string>}
   */
  async send(job) {
    return job.file.size > WHOLE_UP_TO ? this.#inParts(job) : this.#whole(job);
  }

  /** @param {File} file of which nothing more is to be sent */
  forget(file) {
    this.#remembered.forget(file);
  }

  /** @param {Job} job */
  async #whole({ key, file, options, signal, onProgress }) {
    const body = new FormData();
    body.append("file", file, file.name);
    const url = this.#client.url("/api/tasks", { ...options });
    const headers = { "Idempotency-Key": key };
    /** @type {import("../api/types.js").Accepted} */
    const { taskId } = await this.#send({ method: "POST", url, body, headers, signal, onProgress });
    return taskId;
  }

  /** @param {Job} job */
  async #inParts(job) {
    const { file, options, signal } = job;
    const upload = await this.#begun(job);
    const { fileId, partSize } = upload;
    const path = `/api/uploads/parts/${fileId}`;
    const done = new Set(upload.parts);
    const sizeOf = (/** @type {number} */ n) => Math.min(partSize, file.size - n * partSize);
    let sent = [...done].reduce((sum, n) => sum + sizeOf(n), 0);
    job.onProgress(sent);
    for (let n = 0; n * partSize < file.size; n += 1) {
      if (done.has(n)) continue;
      const body = file.slice(n * partSize, n * partSize + sizeOf(n));
      const before = sent;
      const onProgress = (/** @type {number} */ bytes) => job.onProgress(before + bytes);
      await this.#send({ method: "PUT", url: this.#client.url(`${path}/${n}`), body, signal, onProgress });
      sent += sizeOf(n);
      job.onProgress(sent);
    }
    const body = JSON.stringify({ filename: file.name, size: file.size, options });
    const headers = { "Content-Type": "application/json" };
    /** @type {import("../api/types.js").Accepted} */
    const { taskId } = await this.#send({ method: "POST", url: this.#client.url(`${path}/complete`), body, headers, signal });
    this.#remembered.forget(file);
    return taskId;
  }

  /**
   * The upload this file began before, with the parts the server has; or a new one.
   * @param {Job} job
   * @returns {Promise<{ fileId: string, partSize: number, parts: number[] }>}
   */
  async #begun({ file, signal }) {
    const before = this.#remembered.find(file);
    if (before) {
      try {
        const url = this.#client.url(`/api/uploads/parts/${before.fileId}`);
        /** @type {import("../api/types.js").StoredParts} */
        const { parts } = await this.#send({ method: "GET", url, signal });
        return { fileId: before.fileId, partSize: before.partSize, parts };
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        this.#remembered.forget(file);
      }
    }
    const body = JSON.stringify({ size: file.size });
    const headers = { "Content-Type": "application/json" };
    /** @type {import("../api/types.js").PartsLink} */
    const { fileId, partSize } = await this.#send({ method: "POST", url: this.#client.url("/api/uploads/parts"), body, headers, signal });
    this.#remembered.add(file, { fileId, partSize });
    return { fileId, partSize, parts: [] };
  }
}
