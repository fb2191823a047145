// From a page to the worker that keeps copies for reading without a line: which page was seen, and that it is time to ask
// the server what was taken down since.

/** Between two looks: with the ten seconds for which the server answers from memory it stays under a minute. */
const LOOK_MS = 45_000;

export async function start(address: string): Promise<void> {
  try {
    await navigator.serviceWorker.register(address, { updateViaCache: "none" });
  } catch {
    // A browser that forbids it reads on the line alone.
    return;
  }
  const { active } = await navigator.serviceWorker.ready;
  // The page that is shown without a line was not seen on the server.
  const seen = document.documentElement.dataset["kept"] === undefined ? location.pathname : "";
  active?.postMessage({ seen });
  const look = (): void => {
    if (document.visibilityState === "visible" && navigator.onLine) active?.postMessage({ seen: "" });
  };
  setInterval(look, LOOK_MS);
  addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
}
