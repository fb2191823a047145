// On every page, and little: the switch and the size of 长辈版 (without a script the server turns the page; both keep
// them in the same cookies), and what is fetched only when it is wanted: the bot's panel, drafts, the offline copies.
const root = document.documentElement;

function keep(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `fangtan_${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

function press(selector: string, pressed: (button: HTMLButtonElement) => boolean): void {
  document.querySelectorAll<HTMLButtonElement>(selector).forEach((button) => {
    button.setAttribute("aria-pressed", String(pressed(button)));
  });
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-mode-switch]")) {
    event.preventDefault();
    const mode = root.dataset["mode"] === "elder" ? "normal" : "elder";
    root.dataset["mode"] = mode;
    keep("mode", mode);
    press("[data-mode-switch]", () => mode === "elder");
    document.querySelectorAll<HTMLButtonElement>("[data-mode-switch]").forEach((button) => {
      button.value = mode === "elder" ? "normal" : "elder";
    });
  }
  const size = target.closest<HTMLButtonElement>('button[name="size"]');
  if (size) {
    event.preventDefault();
    root.dataset["size"] = size.value;
    keep("size", size.value);
    press('button[name="size"]', (button) => button.value === size.value);
  }
});

// A page that was kept on the device was drawn for nobody: it takes its reader's switches now.
if (root.dataset["kept"] !== undefined) {
  for (const name of ["mode", "size"]) {
    const found = new RegExp(`(?:^|; )fangtan_${name}=(\\w+)`).exec(document.cookie)?.[1];
    if (found) root.dataset[name] = found;
  }
  press("[data-mode-switch]", () => root.dataset["mode"] === "elder");
}

// What staff pressed and could not send is kept for their own tab until they sign out: in whatever tab they do it.
document.addEventListener("submit", (event) => {
  if ((event.target as Element).getAttribute("action") !== "/logout") return;
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("fangtan.acts.")) sessionStorage.removeItem(key);
    localStorage.setItem("fangtan.left", String(Date.now()));
  } catch {
    // Then nothing was kept either.
  }
});

const panel = document.getElementById("bot") as HTMLDetailsElement | null;
panel?.addEventListener("toggle", () => panel.open && void import("./botpanel.js").then((found) => found.open(panel)), { once: true });

const sent = (): boolean => {
  try {
    return sessionStorage.getItem("fangtan.sent-draft") !== null;
  } catch {
    return false;
  }
};
if (document.querySelector("[data-list]")) void import("./lists.js").then((found) => found.start());
if (sent() || document.querySelector("form[data-draft]")) void import("./drafts.js").then((found) => found.start());

const worker = document.querySelector<HTMLElement>("script[data-worker]")?.dataset["worker"];
if (worker && "serviceWorker" in navigator && window.isSecureContext) {
  addEventListener("load", () => void import("./kept.js").then((found) => found.start(worker)));
}
