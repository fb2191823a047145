// Lists that a person works in, driven by keyboard: rows, ticks, the search; without it everything is reached by Tab.
import { listen } from "./keys.js";

const list = document.querySelector<HTMLElement>("[data-list]")!;
const rows = (): HTMLElement[] => Array.from(list.querySelectorAll<HTMLElement>("[data-pick]"));
const tickOf = (row: Element | null | undefined): HTMLInputElement | null => row?.querySelector<HTMLInputElement>('input[name="pick"]') ?? null;
let last: HTMLElement | null = null;

/** What a row leads to: in a table its first cell, in a queue of matters its heading. */
const leads = (row: HTMLElement | undefined): HTMLElement | null => row?.querySelector<HTMLElement>("th a[href], .section-head a[href], .hit-t a[href]") ?? null;

/** Where the keyboard is: the row that has the focus, or the one that had it last. */
function here(): number {
  const focused = document.activeElement?.closest<HTMLElement>("[data-pick]") ?? null;
  return rows().indexOf((focused ?? last) as HTMLElement);
}

/** Focus goes to what a row leads to; a row that leads nowhere takes it itself. */
function go(to: number): void {
  const row = rows()[Math.max(0, Math.min(to, rows().length - 1))];
  if (!row) return;
  const target = leads(row) ?? tickOf(row) ?? row;
  if (target === row) row.tabIndex = -1;
  last = row;
  target.focus();
  row.scrollIntoView({ block: "nearest" });
}

function count(): void {
  const picked = list.querySelectorAll('input[name="pick"]:checked').length;
  document.querySelectorAll("[data-picked]").forEach((place) => {
    place.textContent = picked ? `选了${picked}行` : "选了的";
  });
}

function tick(all: boolean): void {
  const boxes = all ? rows().map(tickOf) : [tickOf(rows()[here()])];
  const known = boxes.filter((box): box is HTMLInputElement => box !== null);
  const wanted = !known.every((box) => box.checked);
  known.forEach((box) => (box.checked = wanted));
  count();
}

export function start(): void {
  document.addEventListener("change", (event) => (event.target as HTMLElement).matches('input[name="pick"]') && count());
  listen({
    j: () => go(here() + 1),
    k: () => go(here() - 1),
    x: () => tick(false),
    a: () => tick(true),
    o: () => leads(rows()[here()])?.click(),
    "/": () => document.querySelector<HTMLElement>("[data-list-find] input[name=q]")?.focus(),
  });
}
