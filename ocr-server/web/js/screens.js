/** The screens by name; those that are not shown first are loaded when they are needed. */

/** @typedef {(app: import("./app.js").App, id: string) => HTMLElement} Make */

/** @type {Partial<Record<import("./core/router.js").Screen, () => Promise<Make>>>} */
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
};
