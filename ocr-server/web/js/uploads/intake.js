/** Which files are taken, and how they are found in what was dropped or pasted. */

/** Most bytes of a file, unless the server says otherwise. */
export const MAX_BYTES = 50 * 1024 * 1024;

/** What the server reads: extensions and MIME types. */
export const ACCEPTED = {
  pdf: "application/pdf",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  tif: "image/tiff",
  tiff: "image/tiff",
  webp: "image/webp",
};

/** For the `accept` attribute of a file chooser. */
export const ACCEPT = Object.entries(ACCEPTED).map(([extension, type]) => `.${extension},${type}`).join(",");

/** @typedef {"type" | "empty" | "large"} Refusal */

/**
 * Why a file is not taken, or null. The content decides at the server; this saves the journey.
 * @param {{ name: string, type: string, size: number }} file
 * @param {number} limit
 * @returns {Refusal | null}
 */
export function refusal(file, limit) {
  const extension = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? "";
  const known = extension in ACCEPTED || Object.values(ACCEPTED).includes(file.type);
  if (!known) return "type";
  if (file.size === 0) return "empty";
  return file.size > limit ? "large" : null;
}

/**
 * Files of a drop, with those in folders below.
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function droppedFiles(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  // Entries must be taken before the first wait: the browser forgets them then.
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  const found = await Promise.all(entries.map((entry) => (entry ? filesOf(entry) : [])));
  return found.flat();
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    return [file];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const files = [];
  // A folder is given in pieces of a hundred, the last one empty.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return files;
    const found = await Promise.all(batch.map(filesOf));
    files.push(...found.flat());
  }
}

/** Files that belong to a folder but are no documents, and are left out without a word.
 * @param {{ name: string }} file
 */
export const isClutter = (file) => /^(\.|Thumbs\.db$|desktop\.ini$)/i.test(file.name);

/**
 * Images of the clipboard, named by the time they were pasted.
 * @param {DataTransfer | null} clipboard
 * @param {Date} now
 */
export function pastedFiles(clipboard, now) {
  const stamp = now.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
  return [...(clipboard?.files ?? [])].map((file) => {
    const named = file.name && !/^image\.\w+$/.test(file.name);
    const extension = file.type.split("/")[1] ?? "png";
    return named ? file : new File([file], `Pasted ${stamp}.${extension}`, { type: file.type });
  });
}

/** @param {string} text as `1-3,7`, or nothing */
export const isPageRange = (text) =>
  text.trim() === "" ||
  text.split(",").every((part) => {
    const found = /^\s*([1-9]\d{0,8})\s*(?:-\s*([1-9]\d{0,8})\s*)?$/.exec(part);
    return found !== null && (!found[2] || Number(found[2]) >= Number(found[1]));
  });
