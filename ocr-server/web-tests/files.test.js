/** What must hold for the files themselves. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { en } from "../web/js/i18n/en.js";

const WEB = resolve(dirname(fileURLToPath(import.meta.url)), "../web");
const files = readdirSync(WEB, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(WEB, join(entry.parentPath ?? entry.path, entry.name)));
const text = (/** @type {string} */ file) => readFileSync(join(WEB, file), "utf8");
const scripts = files.filter((file) => file.endsWith(".js"));

/** Modules a module names, relative to the folder; those loaded only when needed are left out. */
const imports = (/** @type {string} */ file) => [...text(file).matchAll(/^(?:import|export)[^;]*?from "(\.[^"]+)";/gm)].map((found) => join(dirname(file), found[1] ?? ""));

function reach(/** @type {string[]} */ from) {
  const seen = new Set(from);
  for (const file of seen) for (const next of imports(file)) seen.add(next);
  return seen;
}

/** What is loaded when it is needed: screens, and windows over them. */
const lazy = scripts.flatMap((file) => [...text(file).matchAll(/await import\("(\.[^"]+)"\)/g)].map((found) => join(dirname(file), found[1] ?? "")));

test("what a screen needs is under 160 kB when compressed, in whichever language", () => {
  const sizes = lazy.map((screen) => {
    const needed = [...reach(["js/app.js", "js/theme.js", "js/i18n/de.js", screen])];
    return { screen, size: needed.reduce((sum, file) => sum + gzipSync(text(file)).length, 0) };
  });
  assert.deepEqual(sizes.filter(({ size }) => size > 160_000), []);
  assert.ok(sizes.length > 5);
});

test("nothing is markup that came from data, and nothing is evaluated", () => {
  for (const file of scripts) {
    assert.doesNotMatch(text(file), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc/, file);
    assert.doesNotMatch(text(file), /setAttribute\("style"|cssText/, file);
  }
});

test("nothing comes from another host", () => {
  for (const file of files) {
    const addresses = [...text(file).matchAll(/https?:\/\/[^\s"'`)]+/g)].map((found) => found[0]);
    const odd = addresses.filter((address) => !address.startsWith("http://www.w3.org/"));
    assert.deepEqual(odd, [], file);
  }
});

test("the page has no inline script or style", () => {
  for (const page of [text("index.html"), text("shared.html")]) {
    assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|javascript:/i);
    for (const [tag] of page.matchAll(/<script[^>]*>/g)) assert.match(tag, /src="\/assets\//);
  }
});

test("every module is used, and what is shown first is asked for at once", () => {
  const used = reach(["js/app.js", "js/shared/page.js", "js/theme.js", "js/i18n/de.js", "js/api/types.js", ...lazy]);
  assert.deepEqual(scripts.filter((file) => !used.has(file)), []);
  const first = reach(["js/app.js", "js/documents/screen.js"]);
  const preloaded = [...text("index.html").matchAll(/rel="modulepreload" href="\/assets\/([^"]+)"/g)].map((found) => found[1] ?? "");
  first.delete("js/app.js");
  assert.deepEqual(preloaded.sort(), [...first].sort());
});

test("every text is used, and every text that is used exists", () => {
  const source = scripts.filter((file) => !file.includes("i18n/")).map(text).join("\n");
  const literal = new Set([...source.matchAll(/["'`]([a-zA-Z]+(?:\.[a-zA-Z0-9_-]+)*)["'`]/g)].map((found) => found[1]));
  const families = [...source.matchAll(/`([a-z]+)\.\$\{[^}]+\}(\.[a-z]+)?`/g)].map((found) => new RegExp(`^${found[1]}\\.[\\w-]+${(found[2] ?? "").replace(".", "\\.")}$`));
  const unused = Object.keys(en).filter((key) => !literal.has(key) && !families.some((family) => family.test(key)));
  assert.deepEqual(unused, []);
});

test("style sheets are all reached from the one that is linked", () => {
  const linked = [...text("style.css").matchAll(/@import url\("([^"]+)"\)/g)].map((found) => found[1]);
  assert.deepEqual(linked.sort(), files.filter((file) => file.startsWith("css/")).sort());
});

test("colours are named in one place", () => {
  // What lies on a page image has colours of its own: the page is white in every theme.
  const free = new Set(["css/tokens.css", "css/page.css"]);
  for (const file of files.filter((name) => name.startsWith("css/") && !free.has(name))) {
    assert.doesNotMatch(text(file), /#[0-9a-f]{3,8}\b|rgba?\(/i, file);
  }
});

test("files and functions are short enough to be read", () => {
  for (const file of scripts.filter((name) => !name.includes("i18n/"))) assert.ok(text(file).split("\n").length < 500, file);
});
