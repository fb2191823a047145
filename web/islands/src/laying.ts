// The whole record on one page. What is out of sight is not laid out, and the style sheet reserves about as much height
// as its text needs. In idle moments the entries near the window are laid out, so that the browser knows their real
// height: else what is being read moves while one scrolls back, always in Safari (it has no scroll anchoring), elsewhere
// when the machine is busy. All 1,000 at once would hold a phone six times slower than a desk for seven seconds.

const REACH = 80;
const AT_ONCE = 12;
const STILL_MS = 200;

const idle = (then: () => void): void => {
  if ("requestIdleCallback" in window) window.requestIdleCallback(then, { timeout: 1000 });
  else setTimeout(then, 50);
};

/** The entry that the top of the window cuts or that comes next below it; the last one where all are above. */
function firstInView(entries: HTMLElement[]): number {
  let low = 0;
  let high = entries.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.getBoundingClientRect().bottom > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Lays out entries while others keep their place in the window: what is read does not move. */
function draw(some: HTMLElement[], held: HTMLElement): void {
  const before = held.getBoundingClientRect();
  const edge = before.bottom > 0 ? "top" : "bottom";
  some.forEach((entry) => entry.classList.add("laid"));
  const by = Math.round(held.getBoundingClientRect()[edge] - before[edge]);
  if (by) scrollBy(0, by);
}

/** Keeps the entries near the window laid out, those above it first; `data-laid` on the list says that all of them are. */
export function layOut(all: HTMLElement): void {
  let at = scrollY;
  let moved = -STILL_MS;
  let running = false;

  function step(): void {
    if (performance.now() - moved < STILL_MS) return void setTimeout(() => idle(step), STILL_MS);
    const entries = Array.from(all.children) as HTMLElement[];
    const first = firstInView(entries);
    const near = [...entries.slice(Math.max(0, first - REACH), first).reverse(), ...entries.slice(first, first + REACH)];
    const some = near.filter((entry) => !entry.classList.contains("laid")).slice(0, AT_ONCE);
    running = some.length > 0;
    if (!running) return void (all.dataset.laid = "");
    draw(some, entries[first]!);
    at = scrollY;
    idle(step);
  }

  function wake(): void {
    if (Math.abs(scrollY - at) > 1) [at, moved] = [scrollY, performance.now()];
    if (running) return;
    running = true;
    delete all.dataset.laid;
    idle(step);
  }

  addEventListener("scroll", wake, { passive: true });
  wake();
}
