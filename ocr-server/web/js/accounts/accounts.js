/** Who has signed in, where anybody has to. */
import { signal } from "../core/signal.js";

/** @typedef {import("../api/types.js").SessionState} SessionState */
/** @typedef {{ exchange: import("../api/client.js").Client["exchange"] }} Exchange */

export class Accounts {
  #client;
  /** Null until the server has said whether one has to sign in. */
  session = signal(/** @type {SessionState | null} */ (null));
  /** Whether somebody was signed in here, and is not any more without having said so. */
  lost = false;

  /** @param {Exchange} client */
  constructor(client) {
    this.#client = client;
  }

  /** Asks the server. What cannot be reached is asked again by the first request that is refused. */
  async learn() {
    try {
      this.session.value = await this.#client.exchange("GET", "/api/session");
    } catch {
      // The page begins without, and shows that it is offline.
    }
  }

  /** Whoever signed in. */
  get user() {
    return this.session.value?.user ?? null;
  }

  /** Whether nothing can be shown before somebody signs in. */
  get mustSignIn() {
    const auth = this.session.value?.auth;
    return (auth === "local" || auth === "oidc") && !this.user;
  }

  /** Whether people sign in with a provider, and have no passwords here. */
  get provided() {
    return this.session.value?.auth === "oidc";
  }

  /** The session as it is when somebody is signed in, or nobody. */
  #now(/** @type {import("../api/types.js").User | null} */ user) {
    this.session.value = { auth: this.session.peek()?.auth === "oidc" ? "oidc" : "local", user, setUpNeeded: false };
  }

  /** Whether whoever was signed in left, and is not just to sign in again. */
  get left() {
    return this.mustSignIn && !this.lost;
  }

  /** A request was refused because nobody is signed in any more. */
  ended() {
    const session = this.session.peek();
    if (session && !session.user) return;
    this.lost = Boolean(session?.user);
    this.#now(null);
    // A page that began offline does not know yet how one signs in.
    if (!session) void this.learn();
  }

  /** @param {import("../api/types.js").User} user */
  #welcome(user) {
    this.lost = false;
    this.#now(user);
  }

  /**
   * @param {string} name
   * @param {string} password
   * @param {string} [code] of the second factor
   */
  async signIn(name, password, code) {
    /** @type {import("../api/types.js").SignedIn} */
    const { user } = await this.#client.exchange("POST", "/api/sign-in", { name, password, ...(code ? { code } : {}) });
    this.#welcome(user);
  }

  /**
   * Makes the first account.
   * @param {string} token of the link
   * @param {string} name
   * @param {string} password
   */
  async setUp(token, name, password) {
    /** @type {import("../api/types.js").SignedIn} */
    const { user } = await this.#client.exchange("POST", "/api/set-up", { token, name, password });
    this.#welcome(user);
  }

  async signOut() {
    await this.#client.exchange("POST", "/api/sign-out");
    this.lost = false;
    this.#now(null);
  }
}
