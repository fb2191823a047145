// The citizen's page of an interview, from the collection to the record: follows the public stream and the visitor's own.
import { Aloud } from "./aloud.js";
import { Composer, refusalWords, visitorOf, type Unsent } from "./composer.js";
import type { Feed } from "./feed.js";
import { Link, device } from "./link.js";
import { arrived, newsOf, wentInto, type News, type Seen } from "./news.js";
import { offer } from "./offers.js";
import { pointing } from "./pointing.js";
import { bigScreen, byId, draw, drawLink, empty, fate, html, nothing, nowHm, questionRow, recordList, repeat, show, stage, tick, write } from "./parts.js";
import { onScreen, record, waiting, type Item, type Own, type Question, type Room, type StreamEvent } from "./store.js";
import { sayOver } from "./turning.js";
import { DECLINES, changedWords, freshWords, hm, leftWords } from "./words.js";

const page = byId("main")!;
const interview = Number(page.dataset["interview"]);
const screen = "screen" in page.dataset;
/** Who is signed in as an official asks by the plain form, as the citizen of this browser. */
const signedIn = page.dataset["signed"] === "yes";
const followBy = page.dataset["followBy"] ?? null;
/** Numbers in the order of the page's list; what is new comes last, so that nothing moves under a reader. */
let order: number[] = [];
/** The last item the reader has let in. */
let letIn = 0;
let upTo = "";
/** Said by the server while nobody of the host's is connected. */
let hostAway = "";
/** What stands in the bar at the foot of the window, newest last, until its reader has put it away. */
let news: News[] = [];

const link = new Link(() => drawConnection(), noticed);
const aloud = new Aloud();
const known = page.dataset["known"] === "yes";
const identify = visitorOf(known, link, followOwn);
const room: Feed<Room> = link.follow<Room>(page.dataset["stream"]!, roomChanged);
let own: Feed<Own> | null = null;
if (known) followOwn();
const composer = screen || signedIn ? null : new Composer(interview, link, identify, () => drawMine(), (question) => {
  device.write("seen", { ...device.read<Seen>("seen"), [question]: "pending" });
  if (link.state === "polling") own?.mend().catch(() => {});
}, () => Math.max(0, ...Object.keys(own?.state?.questions ?? {}).map(Number)), page.dataset["status"] === "ended");

/** The interview's facts as this page last heard them. */
let heard: Room["interview"] | null = null;

/** One's own questions and supports: there are none before one has an identity. */
function followOwn(): void {
  if (!own && !screen && !signedIn) own = link.follow<Own>("me", () => drawAll());
}

function roomChanged(feed: Feed<Room>, events: StreamEvent[], fresh: boolean): void {
  const state = feed.state!;
  const shown = state.items[state.items.length - 1]?.no ?? 0;
  if (fresh && !letIn) letIn = shown;
  upTo = events.length ? hm(events[events.length - 1]!.at) : nowHm(new Date(link.now()));
  if (state.interview.status !== page.dataset["status"] && page.dataset["status"] !== undefined) {
    moveOn(state.interview.status);
    return;
  }
  const kinds = new Set(events.map((event) => event.kind));
  if (kinds.has("interview.changed") || kinds.has("interview.announced")) turnPage(changedWords(heard, state.interview));
  heard = state.interview;
  if (state.interview.status === "ended" && kinds.has("question.answered")) turnPage("有新的会后答复，点这里显示");
  const corrected = events.filter((event) => event.kind === "erratum").map((event) => state.items.find((item) => item.item === event.body["of"])?.no);
  if (corrected.length && state.interview.status === "ended") turnPage("实录有更正，点这里看");
  else if (corrected.length) announce(`第${corrected.join("、")}条有更正。`);
  aloud.read(newItems(state, events), state);
  if (kinds.has("question.staged")) {
    const q = onScreen(state);
    if (q) announce(`现在答${q.number}号：${q.text ?? ""}`);
  }
  drawAll();
}

function newItems(state: Room, events: StreamEvent[]): Item[] {
  const numbers = new Set(events.map((event) => event.body["item"]));
  return state.items.filter((item) => item.kind !== "question" && numbers.has(item.item));
}

/** The interview opened, ended or was cancelled: the page is another one, and only its reader turns it. */
function moveOn(status: string): void {
  if ((status === "ended" || status === "archived") && !screen && page.dataset["status"] === "live") close();
  turnPage(status === "live" ? "访谈开始了，点这里进入现场" : status === "ended" ? "访谈结束了，点这里看实录" : "这场访谈有变动，点这里看");
}

/** It is over: until its reader turns it, the page says so wherever it said that something is going on. */
function close(): void {
  sayOver();
  document.querySelectorAll<HTMLElement>('.foot-bar a[href="#ask"], .foot-bar a[href="#stage"], #pool .q-act').forEach((part) => (part.hidden = true));
  draw("stage", OVER);
  composer?.close();
  drawConnection();
}

const OVER = empty("访谈结束了", "没有答的，会后书面答复，登在实录里。");

/** The big screen does not scroll: an answer that is longer says so, instead of ending in the middle of a sentence. */
function tellCut(): void {
  const latest = document.querySelector<HTMLElement>(".latest");
  latest?.classList.toggle("latest--cut", latest.scrollHeight > latest.clientHeight + 2);
}

/** #fresh is polite itself; the big screen has nobody to press and turns by itself. */
function turnPage(words: string): void {
  if (screen) location.reload();
  else draw("fresh", html`<a class="fresh" href=${location.pathname}>${words}</a>`);
}

/** The clock's warnings are drawn from the clock itself; those without a socket get no notices. */
function noticed(text: string, code: string): void {
  if (code === "host.away" || code === "host.back") hostAway = code === "host.away" ? text : "";
  else if (!code.startsWith("clock.")) tell({ text, href: "" });
  drawNow();
}

function tell(one: News): void {
  news = [...news.filter((other) => other.text !== one.text), one];
  drawNews();
}

/** A bar at the foot, over nothing that moves: what is new of one's own, until it is put away. */
function drawNews(): void {
  const one = news[news.length - 1];
  const away = (): void => {
    news = [];
    drawNews();
  };
  // The press must not move the focus: the foot would change its height under the finger, and the press be lost.
  draw("news", one ? html`<div class="news-in" @mousedown=${(event: Event) => event.preventDefault()}><p>${news.length > 1 && one.href ? `您的提问有${news.length}件新的结果。${one.text}` : one.text}</p><p class="row">${
    one.href ? html`<a class="btn btn--small" href=${news.length > 1 ? "#mine" : one.href} @click=${away}>去看</a>` : nothing
  }<button type="button" class="btn btn--plain btn--small" @click=${away}>知道了</button></p></div>` : nothing);
}

/** Once for each turn of each question, also across reloads; a device that forgets tells nothing twice either. */
function lookForNews(): void {
  if (!own?.state || !room.state || screen) return;
  const found = newsOf(own.state.questions, room.state, device.read<Seen>("seen") ?? {});
  device.write("seen", found.seen);
  found.news.forEach(tell);
}

function drawAll(): void {
  const state = room.state;
  if (!state) return;
  const over = page.dataset["status"] === "live" && state.interview.status !== "live";
  if (byId("stage")) draw("stage", screen ? bigScreen(state) : over ? OVER : stage(state));
  if (screen) tellCut();
  if (!screen) {
    drawRecord(state);
    drawPool(state);
    drawMine();
    lookForNews();
  }
  drawConnection();
}

/** What there is to know of the moment: that the end is near, that the host is away. */
function drawNow(): void {
  const live = room.state?.interview;
  if (!live) return;
  tick(live, link.now());
  if (live.status !== "live") hostAway = "";
  const left = live.status === "live" && live.limit_at ? leftWords(Math.ceil((Date.parse(live.limit_at) - link.now()) / 60_000)) : "";
  write("now-note", [hostAway, left].filter(Boolean).join(" "));
}

function drawRecord(state: Room): void {
  const place = byId("record");
  // The record of an interview that is over is searched and paged by the server.
  if (!place || state.interview.status !== "live") return;
  const rows = record(state, letIn);
  if (place.dataset["order"] === "newest") rows.reverse();
  draw("record", rows.length ? recordList(rows, followBy) : empty("还没有答复", "答复一出来就登在这里，每一段都写明是谁说的。"));
  write("answered-n", Object.values(state.questions).filter((q) => q.status === "answered").length);
  const coming = state.items.filter((item) => item.no > letIn && item.kind !== "question");
  draw("fresh", coming.length ? html`<button class="fresh" type="button" @click=${() => letThemIn(state, coming)}>${freshWords(coming)}</button>` : nothing);
}

function letThemIn(state: Room, coming: Item[]): void {
  letIn = state.items[state.items.length - 1]?.no ?? letIn;
  drawAll();
  const first = coming[coming.length - 1]!;
  byId(`n${first.no}`)?.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
}

function drawPool(state: Room): void {
  const status = state.interview.status;
  if (!byId("pool") || (status !== "live" && status !== "announced")) return;
  // A list that was filtered, sorted or paged by the server stays in its order; its numbers follow.
  if (location.search && status === "announced") {
    renumber(state);
    return;
  }
  const now = waiting(state);
  const byNumber = new Map(now.map((q) => [q.question, q]));
  const known = new Set(order);
  order = order.filter((id) => byNumber.has(id)).concat(now.filter((q) => !known.has(q.question)).map((q) => q.question));
  const pool = order.map((id) => byNumber.get(id)!);
  const supported = new Set(own?.state?.supported ?? []);
  const narrow = status === "live";
  draw("pool", repeat(pool, (q) => q.question, (q) => questionRow(q, supported.has(q.question), narrow, `${location.pathname}#q${q.number}`)));
  write("pool-n", pool.length);
  show("pool-empty", pool.length === 0);
  byId("pool")?.parentElement?.querySelector(".pager")?.remove();
}

/** Supports as they are now, in the rows that the server drew. */
function renumber(state: Room): void {
  const supported = new Set(own?.state?.supported ?? []);
  document.querySelectorAll<HTMLFormElement>("[data-support]").forEach((form) => {
    const q = state.questions[form.dataset["support"]!];
    const button = form.querySelector("button");
    const count = form.querySelector(".support-n");
    const words = count?.nextSibling;
    if (!q || !button || !count || !words) return;
    const pressed = supported.has(q.question);
    count.textContent = String(q.supports);
    words.textContent = pressed ? "已支持" : "我也想问";
    button.setAttribute("aria-pressed", String(pressed));
  });
}

function drawMine(): void {
  if (!byId("mine-list")) return;
  const mine = Object.values(own?.state?.questions ?? {}).filter((q) => q.interview === interview);
  const unsent = (composer?.unsent ?? []).filter((one) => one.refused !== undefined || !arrived(one.sent.text, one.after ?? 0, mine));
  if (!own?.state && !unsent.length) return;
  draw("mine-list", html`${unsent.map(unsentRow)}${repeat(mine.reverse(), (q) => q.question, mineRow)}`);
  show("mine", mine.length + unsent.length > 0);
}

function unsentRow(one: Unsent): unknown {
  return html`<li class="mine"><p class="q-text">${one.sent.text}</p>${
    one.refused === undefined
      ? html`<p class="q-meta"><span>还没有送到，正在送</span></p>`
      : html`<p class="q-meta"><span>${one.left ? "写了没有交" : "没有收下"}：${one.refused}</span></p><p class="row">${
          composer?.open ? html`<button type="button" class="btn btn--plain btn--small" @click=${() => composer?.take(one, true)}>改好再交</button>` : nothing
        }<button type="button" class="btn btn--plain btn--small" @click=${() => composer?.take(one, false)}>不交了</button></p>`
  }</li>`;
}

function mineRow(q: Question): unknown {
  const now = room.state?.questions[String(q.question)] ?? q;
  const into = wentInto(q, room.state);
  return html`<li class="mine"><p class="q-text">${q.text}</p><p class="q-meta">${fate(now.status)}${now.number ? html`<span>${now.number}号</span>` : nothing}${
    into ? html`<a href="#q${into.number}">并入${into.number}号</a>${fate(into.status)}` : nothing
  }${now.status === "declined" ? html`<span>原因：${DECLINES[q.reason ?? ""] ?? q.reason}</span>` : nothing}${
    now.status === "transferred" && q.to ? html`<span>转给${q.to}</span>` : nothing
  }<a href="/questions/${q.receipt}">回执编号 <span class="nb">${q.receipt}</span></a></p></li>`;
}

function drawConnection(): void {
  if (link.state === "lost" || link.state === "polling") hostAway = "";
  drawNow();
  drawLink(link, upTo, composer?.waiting.length ? composer.stillHere : "");
  if (link.state === "connected" || link.state === "polling") void composer?.send();
}

/** Said once to whoever listens instead of looks. */
function announce(text: string): void {
  let place = byId("announce");
  if (!place) {
    place = document.createElement("p");
    place.id = "announce";
    place.className = "vh";
    place.setAttribute("role", "status");
    page.append(place);
  }
  place.textContent = text;
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const question = Number(form.dataset["support"]);
  if (!question || signedIn) return;
  event.preventDefault();
  void support(question);
});

/** While somebody writes, the bar at the foot lies below the page; it comes back only after a press is over. */
const FIELDS = "#ask textarea, #ask input";
const PRESS_MS = 400;
document.addEventListener("focusin", (event) => {
  if ((event.target as Element).matches(FIELDS)) document.body.classList.add("writing");
});
document.addEventListener("focusout", () =>
  setTimeout(() => document.activeElement?.matches(FIELDS) || document.body.classList.remove("writing"), PRESS_MS),
);

/** Whether the support is counted now. */
async function support(question: number): Promise<boolean> {
  if (own?.state?.supported.includes(question)) return true;
  try {
    await identify();
  } catch {
    tell({ text: "还没有送到，请过一会儿再按。", href: "" });
    return false;
  }
  const answer = await link.send("question.support", { question });
  if (!answer.ok) tell({ text: refusalWords(answer.error), href: "" });
  else await own?.mend().catch(() => {});
  return answer.ok;
}

if (composer) offer(interview, support);
// The record of an interview that is over has an island of its own, which points as well.
if (page.dataset["status"] === "live") pointing();
link.start();
setInterval(drawNow, 20_000);
