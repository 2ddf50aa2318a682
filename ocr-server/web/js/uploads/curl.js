/** The request of the upload panel, as a command. */

/** @param {string} text a word of a POSIX shell */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/**
 * @param {string} origin
 * @param {string} userId
 * @param {import("../api/types.js").UploadOptions} options
 * @param {string} [file]
 */
export function curlCommand(origin, userId, options, file = "document.pdf") {
  const fields = Object.entries({ userId, ...options })
    .map(([name, value]) => [name, value ? String(value).trim() : ""])
    .filter(([, value]) => value)
    .map(([name, value]) => `  -F ${quoted(`${name}=${value}`)}`);
  return [`curl ${quoted(`${origin}/api/tasks`)}`, `  -F ${quoted(`file=@${file}`)}`, ...fields].join(" \\\n");
}
