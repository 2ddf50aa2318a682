/** The screens by name; those that are not shown first are loaded when they are needed. */

/** @typedef {(app: import("./app.js").App, id: string) => HTMLElement} Make */

/** @typedef {import("./core/router.js").Screen | "sign-in"} Shown a screen, or the one in its place */

/** @type {Partial<Record<Shown, () => Promise<Make>>>} */
export const SCREENS = {
  documents: async () => {
    const { DocumentsScreen } = await import("./documents/screen.js");
    return (app) => new DocumentsScreen(app);
  },
  document: async () => {
    const { ViewerScreen } = await import("./viewer/screen.js");
    return (app, id) => new ViewerScreen(app, id);
  },
  overview: async () => {
    const { OverviewScreen } = await import("./dashboard/screen.js");
    return (app) => new OverviewScreen(app);
  },
  review: async () => {
    const { ReviewScreen } = await import("./review/screen.js");
    return (app) => new ReviewScreen(app);
  },
  trash: async () => {
    const { TrashScreen } = await import("./trash/screen.js");
    return (app) => new TrashScreen(app);
  },
  api: async () => {
    const { ApiScreen } = await import("./developers/screen.js");
    return (app) => new ApiScreen(app);
  },
  account: async () => {
    const { AccountScreen } = await import("./accounts/account.js");
    return (app) => new AccountScreen(app);
  },
  users: async () => {
    const { UsersScreen } = await import("./accounts/users.js");
    return (app) => new UsersScreen(app);
  },
  limits: async () => {
    const { LimitsScreen } = await import("./accounts/limits-screen.js");
    return (app) => new LimitsScreen(app);
  },
  audit: async () => {
    const { AuditScreen } = await import("./accounts/audit.js");
    return (app) => new AuditScreen(app);
  },
  "sign-in": async () => {
    const { SignInScreen } = await import("./accounts/sign-in.js");
    return (app) => new SignInScreen(app);
  },
  "set-up": async () => {
    const { SetUpScreen } = await import("./accounts/sign-in.js");
    return (app) => new SetUpScreen(app);
  },
  reset: async () => {
    const { ResetScreen } = await import("./accounts/sign-in.js");
    return (app) => new ResetScreen(app);
  },
};
