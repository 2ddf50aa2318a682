/** The part of the HTTP API that is about dead letters. */

/** @typedef {Pick<import("./client.js").Client, "exchange" | "url">} Exchange */

/** Dead letters that are redriven by one request: as many as surely take less time than a request may. */
export const REDRIVEN_AT_ONCE = 100;

/**
 * Lets a dead letter go on where it failed.
 * @param {Exchange} client
 * @param {string} id
 * @returns {Promise<import("./types.js").Task>}
 */
export async function redrive(client, id) {
  /** @type {import("./types.js").OneTask} */
  const { task } = await client.exchange("POST", client.url(`/api/dead-letters/${id}/redrive`));
  return task;
}

/**
 * Redrives some of the dead letters of the user, the newest first.
 * @param {Exchange} client
 * @param {string} [q] what the names of their files have in them
 * @returns {Promise<import("./types.js").Redriven>}
 */
export const redriveSome = (client, q = "") => client.exchange("POST", client.url("/api/dead-letters/redrive", { q, limit: REDRIVEN_AT_ONCE }));
