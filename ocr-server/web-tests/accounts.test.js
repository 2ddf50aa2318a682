import assert from "node:assert/strict";
import { test } from "node:test";
import { Accounts } from "../web/js/accounts/accounts.js";
import { ApiError, Client } from "../web/js/api/client.js";
import { parseRoute } from "../web/js/core/router.js";

const ADA = { id: "11111111-2222-3333-4444-555555555555", name: "ada", role: /** @type {const} */ ("user") };

/** A server that answers as told, and remembers what it was asked. */
function server(/** @type {Record<string, unknown>} */ answers) {
  /** @type {unknown[]} */
  const asked = [];
  const exchange = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body) => {
    asked.push([method, path, body]);
    const answer = answers[path];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, exchange };
}

test("where nobody signs in, nothing is asked of anybody", async () => {
  const accounts = new Accounts(server({ "/api/session": { auth: "none", user: null, setUpNeeded: false } }));
  assert.equal(accounts.mustSignIn, false);
  await accounts.learn();
  assert.deepEqual([accounts.mustSignIn, accounts.left], [false, false]);
  assert.equal(accounts.user, null);
});

test("whoever signs in is known until the server refuses them", async () => {
  const fake = server({ "/api/session": { auth: "local", user: null, setUpNeeded: true }, "/api/sign-in": { user: ADA }, "/api/sign-out": undefined });
  const accounts = new Accounts(fake);
  await accounts.learn();
  assert.equal(accounts.mustSignIn, true);
  accounts.ended();
  assert.equal(accounts.session.peek()?.setUpNeeded, true, "a refusal tells nothing new");
  await accounts.signIn("ada", "correct horse");
  assert.deepEqual(fake.asked.at(-1), ["POST", "/api/sign-in", { name: "ada", password: "correct horse" }]);
  assert.deepEqual([accounts.mustSignIn, accounts.user?.name], [false, "ada"]);
  accounts.ended();
  assert.deepEqual([accounts.mustSignIn, accounts.lost, accounts.left], [true, true, false]);
  await accounts.signIn("ada", "correct horse");
  assert.equal(accounts.left, false);
  await accounts.signOut();
  assert.deepEqual([accounts.mustSignIn, accounts.lost, accounts.left], [true, false, true]);
});

test("a code of the second factor goes with the password when there is one", async () => {
  const fake = server({ "/api/sign-in": { user: ADA } });
  await new Accounts(fake).signIn("ada", "correct horse", "123456");
  assert.deepEqual(fake.asked.at(-1), ["POST", "/api/sign-in", { name: "ada", password: "correct horse", code: "123456" }]);
});

test("a wrong password changes nothing, and a page that began offline learns of the sign-in", async () => {
  const refused = new ApiError("unauthenticated", "wrong", 401);
  const accounts = new Accounts(server({ "/api/session": new ApiError("offline", "", 0), "/api/sign-in": refused }));
  await accounts.learn();
  assert.equal(accounts.mustSignIn, false);
  accounts.ended();
  assert.deepEqual([accounts.mustSignIn, accounts.lost], [true, false]);
  await assert.rejects(accounts.signIn("ada", "wrong"), refused);
  assert.equal(accounts.mustSignIn, true);
});

test("the client tells of each refusal for want of a sign-in", async () => {
  let refusals = 0;
  const answers = [401, 403, 200];
  const fetch = async () => new Response(JSON.stringify({ success: true, data: { users: [] } }), { status: answers.shift() ?? 500 });
  const client = new Client(fetch, () => "u", () => (refusals += 1));
  await assert.rejects(client.exchange("GET", "/api/admin/users"));
  await assert.rejects(client.exchange("GET", "/api/admin/users"));
  assert.deepEqual(await client.exchange("GET", "/api/admin/users"), { users: [] });
  assert.equal(refusals, 1);
});

test("one-time links lead to their screens with their secret", () => {
  assert.deepEqual(parseRoute("#/set-up?token=a_b-c"), { screen: "set-up", id: "", query: { token: "a_b-c" } });
  assert.equal(parseRoute("#/reset?token=x").screen, "reset");
  assert.equal(parseRoute("#/users").screen, "users");
});

test("where a provider signs people in, it goes on doing so", async () => {
  const accounts = new Accounts(server({ "/api/session": { auth: "oidc", user: ADA, setUpNeeded: false }, "/api/sign-out": undefined }));
  await accounts.learn();
  assert.deepEqual([accounts.mustSignIn, accounts.provided], [false, true]);
  accounts.ended();
  assert.deepEqual([accounts.mustSignIn, accounts.provided, accounts.lost], [true, true, true]);
  await accounts.learn();
  await accounts.signOut();
  assert.deepEqual([accounts.mustSignIn, accounts.provided, accounts.left], [true, true, true]);
});

test("a page that began offline learns how one signs in", async () => {
  const answers = /** @type {Record<string, unknown>} */ ({ "/api/session": new ApiError("offline", "", 0) });
  const accounts = new Accounts(server(answers));
  await accounts.learn();
  answers["/api/session"] = { auth: "oidc", user: null, setUpNeeded: false };
  accounts.ended();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual([accounts.mustSignIn, accounts.provided], [true, true]);
});
