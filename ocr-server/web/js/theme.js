// Runs before the first paint, so that the page never flashes in the wrong colours.
try {
  const { theme } = JSON.parse(localStorage.getItem("ocr.settings") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // The system's colours are used.
}
