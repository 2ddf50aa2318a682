/** Whether what the page expects of the API is what the server says it answers. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** @typedef {{ $ref?: string, properties?: Record<string, Schema>, items?: Schema, anyOf?: Schema[], oneOf?: Schema[], allOf?: Schema[] }} Schema */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const description = JSON.parse(readFileSync(join(ROOT, "ocr-server/openapi.json"), "utf8"));

/** The shapes of types.js that are answers, and the requests they answer. */
const ANSWERS = {
  TaskPage: ["get /api/tasks"],
  OneTask: ["get /api/tasks/{task_id}", "post /api/tasks/{task_id}/restore", "post /api/tasks/{task_id}/cancel", "post /api/tasks/{task_id}/retry", "post /api/dead-letters/{task_id}/redrive"],
  Accepted: ["post /api/tasks", "post /api/tasks/{task_id}/copy", "post /api/tasks/{task_id}/unlock", "post /api/uploads/parts/{file_id}/complete"],
  EmptiedTrash: ["delete /api/trash"],
  DownloadLink: ["get /api/tasks/{task_id}/download"],
  ResultLink: ["get /api/tasks/{task_id}/result"],
  Pages: ["get /api/tasks/{task_id}/pages"],
  PartsLink: ["post /api/uploads/parts"],
  StoredParts: ["get /api/uploads/parts/{file_id}"],
  Formats: ["get /api/formats"],
  Engines: ["get /api/engines"],
  Statistics: ["get /api/stats"],
  UsageReport: ["get /api/usage"],
  QuotaLimits: ["get /api/admin/users/{user_id}/quotas", "put /api/admin/users/{user_id}/quotas"],
  Explanation: ["get /api/tasks/{task_id}/explain"],
  Redriven: ["post /api/dead-letters/redrive"],
  SearchAnswer: ["get /api/search"],
  SessionState: ["get /api/session"],
  SignedIn: ["post /api/sign-in", "post /api/set-up"],
  SecondFactor: ["get /api/account/second-factor"],
  NewSecondFactor: ["post /api/account/second-factor"],
  RecoveryCodes: ["post /api/account/second-factor/confirm"],
  SessionList: ["get /api/account/sessions"],
  KeyList: ["get /api/account/keys"],
  CreatedKey: ["post /api/account/keys"],
  AccountList: ["get /api/admin/users"],
  AccountLink: ["post /api/admin/users", "patch /api/admin/users/{user_id}"],
  AuditPage: ["get /api/admin/audit"],
  TaskAudit: ["get /api/tasks/{task_id}/audit"],
  ResetLink: ["post /api/admin/users/{user_id}/reset-link"],
  Corrections: ["get /api/tasks/{task_id}/pages/{number}/corrections", ...["", "/undo", "/redo"].map((action) => `post /api/tasks/{task_id}/pages/{number}/corrections${action}`)],
  Filing: ["patch /api/tasks/{task_id}/filing"],
  Filings: ["patch /api/filings"],
  FilingNames: ["get /api/filings/names"],
  SavedSearches: ["get /api/searches"],
  SavedSearch: ["post /api/searches"],
  ShareList: ["get /api/shares"],
  CreatedShare: ["post /api/shares"],
  SharedDocument: ["post /api/shared/{share_id}/open", "get /api/shared/{share_id}"],
  SharedPages: ["get /api/shared/{share_id}/pages"],
  Review: ["get /api/review"],
  CommonCorrections: ["get /api/review/common"],
  CarriedOver: ["post /api/tasks/{task_id}/pages/{number}/corrections/carry-over"],
};

/**
 * Objects that types.js declares: for each, the types of its fields.
 * @returns {Map<string, Map<string, string>>}
 */
function declaredTypes() {
  const text = readFileSync(join(ROOT, "ocr-server/web/js/api/types.js"), "utf8");
  /** @type {Map<string, Map<string, string>>} */
  const types = new Map();
  for (const [, fields = "", name = ""] of text.matchAll(/@typedef \{\{ (.*) \}\} (\w+)/g)) {
    types.set(name, new Map([...fields.matchAll(/(\w+)\??: ([^,]+)/g)].map(([, field = "", type = ""]) => [field, type])));
  }
  for (const [, name = "", properties = ""] of text.matchAll(/@typedef \{object\} (\w+)\n((?: \* @property .*\n)+)/g)) {
    types.set(name, new Map([...properties.matchAll(/@property \{(.*)\} \[?(\w+)\]?/g)].map(([, type = "", field = ""]) => [field, type])));
  }
  return types;
}

/**
 * The structs that pages of a result are made of, by their JSON names. The description of the API
 * says of a page only that it is an object.
 * @returns {Record<string, Schema>}
 */
function modelSchemas() {
  const folder = join(ROOT, "ocr-core/src/model");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".rs"));
  const source = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  /** @type {Record<string, Schema>} */
  const schemas = {};
  for (const [, attributes = "", name = "", body = ""] of source.matchAll(/((?:^#\[.*\]\n)+)pub struct (\w+) \{\n([\s\S]*?)\n\}/gm)) {
    if (!attributes.includes('rename_all = "camelCase"')) continue;
    const fields = [...body.matchAll(/^ {4}(?:pub )?(\w+): (.+),$/gm)];
    schemas[name] = { properties: Object.fromEntries(fields.map(([, field = "", type = ""]) => [camelCase(field), { $ref: `model/${/(\w+)>*$/.exec(type)?.[1]}` }])) };
  }
  return schemas;
}

const camelCase = (/** @type {string} */ name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

const model = modelSchemas();

/**
 * The schema of one thing: references followed, lists and "or null" taken off.
 * @param {Schema} schema
 * @returns {Schema}
 */
function resolve(schema) {
  if (schema.$ref?.startsWith("model/")) return model[schema.$ref.slice("model/".length)] ?? {};
  if (schema.$ref) {
    const found = description.components.schemas[schema.$ref.split("/").at(-1) ?? ""];
    assert.ok(found, `${schema.$ref} leads nowhere in openapi.json`);
    return resolve(found);
  }
  if (schema.items) return resolve(schema.items);
  const one = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].find((choice) => choice.$ref || choice.properties);
  return one ? resolve(one) : schema;
}

/** The schema of the `data` of an answer. */
function answerSchema(/** @type {string} */ request) {
  const [method = "", path = ""] = request.split(" ");
  const operation = description.paths[path]?.[method];
  assert.ok(operation, `openapi.json has no ${request}`);
  const status = Object.keys(operation.responses).find((code) => code.startsWith("2")) ?? "";
  const { data } = resolve(operation.responses[status].content["application/json"].schema).properties ?? {};
  assert.ok(data, `the answer of ${request} has no data`);
  return resolve(data);
}

const types = declaredTypes();
/** Declared types that some answer holds. @type {Set<string>} */
const seen = new Set();

/**
 * Adds to `missing` the fields that a declared type has and its schema has not.
 * @param {string} type
 * @param {Schema} schema
 * @param {string[]} missing
 */
function compare(type, schema, missing) {
  seen.add(type);
  for (const [field, fieldType] of types.get(type) ?? []) {
    const found = schema.properties?.[field];
    if (!found) missing.push(`${type}.${field}`);
    const nested = (fieldType.match(/\w+/g) ?? []).find((word) => types.has(word));
    if (!found || !nested) continue;
    const of = resolve(found);
    compare(nested, nested === "Page" && !of.properties ? resolve({ $ref: "model/PageText" }) : of, missing);
  }
}

test("each field the page reads from an answer is one the server sends", () => {
  /** @type {string[]} */
  const missing = [];
  for (const [type, requests] of Object.entries(ANSWERS)) {
    assert.ok(types.has(type), `types.js does not declare ${type}`);
    for (const request of requests) compare(type, answerSchema(request), missing);
  }
  assert.deepEqual([...new Set(missing)], [], "declared in types.js, unknown to the server");
  const { UploadOptions: sent, ...unasked } = Object.fromEntries([...types].filter(([type]) => !seen.has(type)));
  assert.deepEqual(Object.keys(unasked), [], "declared in types.js, in no answer");
  assert.ok(sent);
});

test("each option the page sends is one the server takes", () => {
  const body = description.paths["/api/uploads/parts/{file_id}/complete"].post.requestBody.content["application/json"].schema;
  const options = resolve(resolve(body).properties?.options ?? {}).properties ?? {};
  assert.deepEqual([...(types.get("UploadOptions")?.keys() ?? [])].filter((field) => !(field in options)), []);
});

test("a result can be asked for in a format", () => {
  const { parameters } = description.paths["/api/tasks/{task_id}/result"].get;
  assert.ok(parameters.some((/** @type {{ name: string, in: string }} */ one) => one.name === "format" && one.in === "query"));
});

test("many results can be asked for at once, and the list as a table", () => {
  const { schema } = description.paths["/api/tasks/export"].post.requestBody.content["application/json"];
  assert.deepEqual(["tasks", "formats"].filter((field) => !(field in (resolve(schema).properties ?? {}))), []);
  const { parameters } = description.paths["/api/tasks/export.csv"].get;
  const names = parameters.map((/** @type {{ name: string }} */ { name }) => name);
  assert.deepEqual(["status", "q", "userId"].filter((name) => !names.includes(name)), []);
});

test("each address the page names is one the server has", () => {
  const folder = join(ROOT, "ocr-server/web/js");
  const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  const known = Object.keys(description.paths).map((path) => path.split("/"));
  const isKnown = (/** @type {string[]} */ asked) => known.some((path) => path.length === asked.length && path.every((part, at) => part === asked[at] || part.startsWith("{") || asked[at]?.startsWith("{")));
  const unknown = scripts.flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const addresses = [...text.matchAll(/["`](\/api\/[^"`?]+)/g)].map(([, address = ""]) => address.replace(/\$\{[^}]*\}/g, "{}"));
    return addresses.filter((address) => !isKnown(address.split("/"))).map((address) => `${file}: ${address}`);
  });
  assert.deepEqual(unknown, []);
});
