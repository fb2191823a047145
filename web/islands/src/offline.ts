// The page that is shown without a line: which copies there are, whether something half written is here, and when the
// line is back. Nothing turns by itself.
import { device } from "./device.js";

const COPIES = "fangtan-copies";
const byId = (id: string): HTMLElement | null => document.getElementById(id);

function link(href: string, text: string): HTMLAnchorElement {
  const found = document.createElement("a");
  found.href = href;
  found.textContent = text;
  return found;
}

async function list(): Promise<void> {
  const place = byId("kept");
  if (!place || !("caches" in window)) return;
  const cache = await caches.open(COPIES);
  const rows: { at: number; row: HTMLLIElement }[] = [];
  for (const request of await cache.keys()) {
    const copy = await cache.match(request);
    if (!copy) continue;
    const read = new DOMParser().parseFromString(await copy.text(), "text/html");
    const row = document.createElement("li");
    const when = document.createElement("span");
    when.className = "soft small";
    when.textContent = `${read.querySelector("[data-copied]")?.textContent ?? ""}的样子`;
    row.append(link(new URL(request.url).pathname.replace(/\/copy$/, ""), read.querySelector("h1")?.textContent ?? "一场访谈"), when);
    rows.push({ at: Number(copy.headers.get("X-Kept-At") ?? 0), row });
  }
  rows.sort((a, b) => b.at - a.at);
  place.replaceChildren(...rows.map(({ row }) => row));
  place.hidden = rows.length === 0;
  const none = byId("kept-none");
  if (none && rows.length) none.textContent = `这台设备上存了${rows.length}场最近看过的访谈，只能看，不能提问：`;
  if (rows.length) place.after(clearing());
}

function clearing(): HTMLElement {
  const place = document.createElement("p");
  place.className = "gap-top";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--plain";
  button.textContent = "清掉这些副本";
  button.addEventListener("click", () => {
    void caches.delete(COPIES).then(() => {
      place.textContent = "清掉了。";
      byId("kept")?.replaceChildren();
    });
  });
  place.append(button);
  return place;
}

function tellDrafts(): void {
  const many = device.keys("draft.").length + device.keys("unsent.").length;
  const place = byId("drafts");
  if (place && many) place.textContent = `这台设备上有${many}份写了没有交的字，不会丢。连上以后回到那一页，接着写、接着交。没有给您回执编号的，就是还没有交上。`;
}

function again(): void {
  const button = byId("again") as HTMLAnchorElement | null;
  if (!button) return;
  if (location.pathname !== "/offline") button.href = location.href;
  else if (navigator.onLine) {
    for (const [id, text] of [["told", "没有网的时候显示这一页。现在连着网。"], ["again", "回到首页"]] as const) byId(id)!.textContent = text;
  }
  // To the address that the reader wanted, also where only its anchor differs.
  button.addEventListener("click", (event) => {
    if (button.href !== location.href) return;
    event.preventDefault();
    location.reload();
  });
  addEventListener("online", () => (button.textContent = "连上了，点这里打开"));
}

again();
tellDrafts();
void list();
