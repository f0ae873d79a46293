// Light or dark before the first paint: what was chosen here, else what the system prefers.
(() => {
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage may be forbidden; then the system's wish holds
    }
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset.bsTheme = stored() ?? (system.matches ? "dark" : "light");
    document.dispatchEvent(new Event("theme-change")); // charts draw themselves anew in the other colours
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
})();
