// What opens without a line. Kept on the device: the shell (styles, islands, one page that says there is no line) and
// copies of the interviews seen last, drawn for nobody. Every page comes from the server first. Nothing else is
// touched: no form that is sent, no interface, no page of one's own, no page of the staff.
export {};

interface Shell { version: string; page: string; files: string[]; copies: number; days: number }
interface Waits extends Event { waitUntil(work: Promise<unknown>): void }
/** Newer than some phones' browsers; where it is missing, everything goes by the fetch event. */
interface Installing extends Waits { addRoutes?(rule: { condition: { requestMethod: string }; source: "network" }): Promise<void> }
interface Fetch extends Waits { request: Request; respondWith(answer: Promise<Response>): void }
interface Told extends Waits { data: { seen?: string } | null }
interface Scope {
  fangtanShell: Shell | null;
  registration: { unregister(): Promise<boolean> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install", heard: (event: Installing) => void): void;
  addEventListener(name: "activate", heard: (event: Waits) => void): void;
  addEventListener(name: "fetch", heard: (event: Fetch) => void): void;
  addEventListener(name: "message", heard: (event: Told) => void): void;
}

const scope = self as unknown as Scope;
/** Said by the server before this file; null where the copies are switched off. */
const shell = scope.fangtanShell;
const OURS = "fangtan-";
const COPIES = `${OURS}copies`;
const SHELL = `${OURS}shell-${shell?.version ?? ""}`;
/** Pages that anybody may see; on these alone a lost line is answered from the device. */
const PUBLIC = /^\/($|(interviews|questions|faq|catalog|search|moderation|statistics|rules|accessibility|privacy|open-data|offline)($|\/|\?))/;
const INTERVIEW = /^\/interviews\/(\d{1,9})$/;
const HASHED = /^\/static\/(built\/assets\/|[\w.-]+$)/;
/** A copy that is younger is not fetched again for every look at its page. */
const FRESH_MS = 60_000;

const copyOf = (id: string): string => `/interviews/${id}/copy`;
const asNobody = (path: string): Request => new Request(path, { credentials: "omit", cache: "no-store" });

scope.addEventListener("install", (event) => {
  // What is written goes past this worker: a page that goes may not wait for it to wake, and its beacon would be lost.
  event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" }).catch(() => {});
  event.waitUntil(install());
});
scope.addEventListener("activate", (event) => event.waitUntil(activate()));

async function install(): Promise<void> {
  if (shell) {
    const cache = await caches.open(SHELL);
    await cache.addAll(shell.files.map(asNobody));
  }
  // Safe at once: pages come from the server, and what they load has its version in its address.
  await scope.skipWaiting();
}

async function activate(): Promise<void> {
  const kept = shell ? [SHELL, COPIES] : [];
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && !kept.includes(name)).map((name) => caches.delete(name)));
  if (!shell) await scope.registration.unregister();
}

if (shell) {
  scope.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname, search } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) return;
    if (HASHED.test(pathname) && (search.includes("v=") || pathname.includes("/assets/"))) event.respondWith(asset(request));
    else if (request.mode === "navigate" && PUBLIC.test(pathname)) event.respondWith(page(request, pathname, shell));
  });
  scope.addEventListener("message", (event) => event.waitUntil(look(event.data?.seen ?? "", shell)));
}

/** A file that never changes under its address: from the device, else from the server and then kept. */
async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.status === 200) await cache.put(request, answer.clone()).catch(() => {});
  return answer;
}

/** A page from the server; without a line the copy of the interview, or the page that says so. */
async function page(request: Request, path: string, known: Shell): Promise<Response> {
  try {
    return await fetch(request);
  } catch (lost) {
    const id = INTERVIEW.exec(path)?.[1];
    const copy = id ? await (await caches.open(COPIES)).match(copyOf(id)) : undefined;
    if (copy && age(copy) < known.days * 86_400_000) return copy;
    const told = await caches.match(known.page);
    if (!told) throw lost;
    return new Response(await told.blob(), { status: 503, headers: { "Content-Type": "text/html; charset=utf-8", ...policy(told) } });
  }
}

/** The kept page stays under the rules that the server set for it. */
function policy(answer: Response): Record<string, string> {
  const name = "Content-Security-Policy";
  const rules = answer.headers.get(name);
  return rules ? { [name]: rules } : {};
}

const age = (copy: Response): number => Date.now() - Number(copy.headers.get("X-Kept-At") ?? 0);

let looking: Promise<void> = Promise.resolve();

/** One look after the other: two tabs must not throw out what the other one has just kept. */
function look(seen: string, known: Shell): Promise<void> {
  return (looking = looking.then(() => lookOnce(INTERVIEW.exec(seen)?.[1] ?? null, known)).catch(() => {}));
}

/** Ask what was taken down since; drop those copies, fetch them again, and keep the interview that was just seen. */
async function lookOnce(seen: string | null, known: Shell): Promise<void> {
  const cache = await caches.open(COPIES);
  const held = new Map<string, Response>();
  for (const request of await cache.keys()) {
    const id = /\d+/.exec(new URL(request.url).pathname)?.[0] ?? "";
    const copy = await cache.match(request);
    if (copy && age(copy) < known.days * 86_400_000) held.set(id, copy);
    else await cache.delete(request);
  }
  const ids = [...new Set([...held.keys(), ...(seen ? [seen] : [])])];
  if (!ids.length) return;
  // Without a line this throws, and nothing can be known.
  const answer = await fetch(asNobody(`/offline/kept?ids=${ids.join(",")}`));
  if (!answer.ok && answer.status < 500) await caches.delete(COPIES);
  if (!answer.ok) return;
  const { kept } = (await answer.json()) as { kept: Record<string, string> };
  for (const id of ids) {
    const copy = held.get(id);
    const same = copy && copy.headers.get("X-Taken-Down") === kept[id];
    if (copy && !same) await cache.delete(copyOf(id));
    if (id in kept && (!same || (id === seen && age(copy) > FRESH_MS))) await fetchCopy(cache, id);
  }
  await onlyNewest(cache, known.copies);
}

async function fetchCopy(cache: Cache, id: string): Promise<void> {
  const answer = await fetch(asNobody(copyOf(id)));
  if (answer.status !== 200) {
    await cache.delete(copyOf(id));
    return;
  }
  const headers = { "Content-Type": "text/html; charset=utf-8", "X-Kept-At": String(Date.now()), "X-Taken-Down": answer.headers.get("X-Taken-Down") ?? "", ...policy(answer) };
  await cache.put(copyOf(id), new Response(await answer.blob(), { headers }));
}

async function onlyNewest(cache: Cache, most: number): Promise<void> {
  const dated = await Promise.all((await cache.keys()).map(async (request) => ({ request, age: age((await cache.match(request))!) })));
  dated.sort((a, b) => a.age - b.age);
  await Promise.all(dated.slice(most).map(({ request }) => cache.delete(request)));
}
