/** Which files are taken, and how they are found in what was dropped or pasted. */
import { currentLocale } from "../core/i18n.js";

/** Maximum number of bytes of a file, unless the server says otherwise. */
export const MAX_BYTES = 50 * 1024 * 1024;

/** What the server reads, as its `MediaType` lists it; a test of the server compares the two. */
const TYPES = [
  { label: "PDF", type: "application/pdf", extensions: ["pdf"] },
  { label: "PNG", type: "image/png", extensions: ["png"] },
  { label: "JPEG", type: "image/jpeg", extensions: ["jpg", "jpeg"] },
  { label: "TIFF", type: "image/tiff", extensions: ["tif", "tiff"] },
  { label: "WEBP", type: "image/webp", extensions: ["webp"] },
  { label: "BMP", type: "image/bmp", extensions: ["bmp"] },
  { label: "GIF", type: "image/gif", extensions: ["gif"] },
  { label: "JPEG 2000", type: "image/jp2", extensions: ["jp2", "j2k", "jpx", "jpf", "j2c"] },
];

/** For the `accept` attribute of a file chooser. */
export const ACCEPT = TYPES.flatMap(({ type, extensions }) => [...extensions.map((extension) => `.${extension}`), type]).join(",");

/** The names of all types as one says them: "PDF, PNG or JPEG". */
export const typeNames = () => new Intl.ListFormat(currentLocale(), { type: "disjunction" }).format(TYPES.map(({ label }) => label));

/** Pictures of telephones that the server does not read, and that their owners can save in another way. */
const HEIC = /^(heic|heif|hif|avif)$/;

/** @typedef {"type" | "heic" | "empty" | "large"} Refusal */

/**
 * Why a file is not taken, or null. The content decides at the server; this saves the journey.
 * @param {{ name: string, type: string, size: number }} file
 * @param {number} limit
 * @returns {Refusal | null}
 */
export function refusal(file, limit) {
  const extension = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? "";
  const known = TYPES.some(({ type, extensions }) => type === file.type || extensions.includes(extension));
  if (!known) return HEIC.test(extension) || /^image\/(hei[cf]|avif)/.test(file.type) ? "heic" : "type";
  if (file.size === 0) return "empty";
  return file.size > limit ? "large" : null;
}

/**
 * Files of a drop, with those in folders below, and the names of what could not be read.
 * @param {Pick<DataTransfer, "items" | "files">} transfer
 * @returns {Promise<{ files: File[], unread: string[] }>}
 */
export async function droppedFiles(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  // Entries must be taken before the first wait: the browser forgets them then.
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return { files: plain, unread: [] };
  /** @type {string[]} */
  const unread = [];
  const found = await Promise.all(entries.map((entry) => (entry ? filesOf(entry, unread) : [])));
  return { files: found.flat(), unread };
}

/**
 * @param {FileSystemEntry} entry
 * @param {string[]} unread takes the names of what cannot be read
 * @returns {Promise<File[]>}
 */
async function filesOf(entry, unread) {
  /** @type {File[]} */
  const files = [];
  try {
    if (entry.isFile) {
      return [await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject))];
    }
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
    // A folder is given in pieces of a hundred, the last one empty.
    for (;;) {
      /** @type {FileSystemEntry[]} */
      const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (batch.length === 0) return files;
      const found = await Promise.all(batch.map((inner) => filesOf(inner, unread)));
      files.push(...found.flat());
    }
  } catch {
    unread.push(entry.name);
    return files;
  }
}

/** Files that belong to a folder but are no documents, and are left out without a word.
 * @param {{ name: string }} file
 */
export const isClutter = (file) => /^(\.|Thumbs\.db$|desktop\.ini$)/i.test(file.name);

/**
 * Images of the clipboard, named by the time they were pasted. What an office program copies is text
 * with a picture of it beside, and is meant as text.
 * @param {Pick<DataTransfer, "types" | "files"> | null} clipboard
 * @param {Date} now
 */
export function pastedFiles(clipboard, now) {
  const types = clipboard?.types ?? [];
  if (types.includes("text/plain") && types.includes("text/html")) return [];
  const stamp = now.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
  return [...(clipboard?.files ?? [])].map((file) => {
    const named = file.name && !/^image\.\w+$/.test(file.name);
    const extension = file.type.split("/")[1] ?? "png";
    return named ? file : new File([file], `Pasted ${stamp}.${extension}`, { type: file.type });
  });
}

/**
 * Pages as the server takes them, or null when a text names none. A comma at the end is no mistake:
 * more is about to be typed.
 * @param {string} text as `1-3, 7`; nothing is all pages
 */
export function pageRange(text) {
  const range = text.replace(/\s/g, "").replace(/(?<=\d),$/, "");
  const valid = range.split(",").every((part) => {
    const found = /^([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?$/.exec(part);
    return found !== null && (!found[2] || Number(found[2]) >= Number(found[1]));
  });
  return range === "" || valid ? range : null;
}
