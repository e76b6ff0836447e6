// Before anything is painted, so that a kept theme does not flash. A page of a file may be refused its storage.
(() => {
  try {
    const kept = localStorage.getItem('llmops-theme');
    if (kept === 'light' || kept === 'dark') {
      document.documentElement.dataset.theme = kept;
    }
  } catch {
    // The system's theme, then.
  }
})();
