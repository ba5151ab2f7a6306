// Runs before the first paint, so that a dark page never flashes light. What the person chose wins over the system.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is blocked: the system decides
    }
  };
  const apply = () => {
    const theme = chosen() ?? (system.matches ? "dark" : "light");
    document.documentElement.setAttribute("data-bs-theme", theme);
    document.dispatchEvent(new CustomEvent("themechange", { detail: theme }));
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply); // another tab chose
})();
