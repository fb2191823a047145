// Long work that is looked at: how far it is, read often at first and every two seconds after a while, never unseen.

interface Told { said: string; done: number; total: number; running: boolean }

const SOON = 500;
const LATER = 2000;
/** Parts of the whole after which it is said aloud: to a screen reader each step would be chatter. */
const ALOUD = 4;

const place = document.querySelector<HTMLElement>("[data-work]");
let pause = SOON;
let waiting: ReturnType<typeof setTimeout> | undefined;
let spoken = -1;

/** The page as it is now; the address, not the page that was sent to: reading that again could begin anew. */
function anew(at: string): void {
  location.replace(at);
}

function write(from: HTMLElement, told: Told): void {
  const said = from.querySelector("[data-work-said]");
  if (said) said.textContent = told.said;
  const bar = from.querySelector("progress");
  if (bar && told.total) {
    bar.max = told.total;
    bar.value = told.done;
  }
  const part = told.total ? Math.floor((ALOUD * told.done) / told.total) : 0;
  const aloud = from.querySelector("[data-work-aloud]");
  if (aloud && part > spoken) {
    if (spoken >= 0) aloud.textContent = told.said;
    spoken = part;
  }
}

async function look(from: HTMLElement): Promise<void> {
  const at = from.dataset["work"]!;
  try {
    const answer = await fetch(at, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status < 500) {
      // Signed out meanwhile, or gone: the page itself says so.
      if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("application/json")) return anew(at);
      const told = (await answer.json()) as Told;
      if (!told.running) return anew(at);
      write(from, told);
    } else lost(from);
  } catch {
    lost(from);
  }
  pause = Math.min(pause * 1.25, LATER);
  next(from);
}

function lost(from: HTMLElement): void {
  const said = from.querySelector("[data-work-said]");
  if (said) said.textContent = "现在连不上，正在再试。事情还在办，不用重来。";
  pause = LATER;
}

function next(from: HTMLElement): void {
  clearTimeout(waiting);
  waiting = document.hidden ? undefined : setTimeout(() => void look(from), pause);
}

if (place) {
  document.addEventListener("visibilitychange", () => {
    pause = SOON;
    next(place);
  });
  next(place);
}
