/** What the address of a shared document says, and what its pages say. */

/**
 * The link that an address is. The secret is behind `#`: it is sent to nobody but in the body of the request that opens
 * the link.
 * @param {{ pathname: string, hash: string }} location
 */
export function linkOf({ pathname, hash }) {
  return { id: pathname.split("/").at(-1) ?? "", token: new URLSearchParams(hash.slice(1)).get("token") ?? "" };
}

/**
 * The text of a page by its blocks, in reading order.
 * @param {import("../api/types.js").Page} page
 */
export const textOf = (page) => page.blocks.map((block) => block.lines.map((line) => line.text).join("\n")).filter(Boolean);
