// The citizen's page of an interview, from the collection to the record: follows the public stream and the visitor's own.
import { Aloud } from "./aloud.js";
import { Composer, visitorOf } from "./composer.js";
import type { Feed } from "./feed.js";
import { Link } from "./link.js";
import { byId, draw, drawLink, empty, fate, html, nothing, nowHm, questionRow, recordList, repeat, show, stage, tick, write } from "./parts.js";
import { onScreen, record, waiting, type Item, type Own, type Question, type Room, type StreamEvent } from "./store.js";
import { freshWords, hm } from "./words.js";

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

const link = new Link(() => drawConnection(), (text) => announce(text));
const aloud = new Aloud();
const known = page.dataset["known"] === "yes";
const identify = visitorOf(known, link, followOwn);
const room: Feed<Room> = link.follow<Room>(page.dataset["stream"]!, roomChanged);
let own: Feed<Own> | null = null;
if (known) followOwn();
const composer = screen || signedIn ? null : new Composer(interview, link, identify, () => drawMine());

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
  if (kinds.has("interview.changed") || kinds.has("interview.announced")) turnPage("预告有更新，点这里看");
  if (state.interview.status === "ended" && kinds.has("question.answered")) turnPage("有新的会后答复，点这里显示");
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
  turnPage(status === "live" ? "访谈开始了，点这里进入现场" : status === "ended" ? "访谈结束了，点这里看实录" : "这场访谈有变动，点这里看");
}

/** #fresh is polite itself; the big screen has nobody to press and turns by itself. */
function turnPage(words: string): void {
  if (screen) location.reload();
  else draw("fresh", html`<a class="fresh" href=${location.pathname}>${words}</a>`);
}

function drawAll(): void {
  const state = room.state;
  if (!state) return;
  if (byId("stage")) draw("stage", stage(state));
  tick(state.interview, link.now());
  if (!screen) {
    drawRecord(state);
    drawPool(state);
    drawMine();
  }
  drawConnection();
}

function drawRecord(state: Room): void {
  const place = byId("record");
  // The record of an interview that is over is searched and paged by the server.
  if (!place || state.interview.status !== "live") return;
  const rows = record(state, letIn);
  if (place.dataset["order"] === "newest") rows.reverse();
  draw("record", rows.length ? recordList(rows, state.interview, followBy) : empty("还没有答复", "答复一出来就登在这里，每一段都写明是谁说的。"));
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
  // A list that was filtered or paged by the server stays as it is.
  if (location.search && status === "announced") return;
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

function drawMine(): void {
  if (!byId("mine-list")) return;
  const mine = Object.values(own?.state?.questions ?? {}).filter((q) => q.interview === interview);
  const unsent = composer?.waiting ?? [];
  if (!own?.state && !unsent.length) return;
  draw("mine-list", html`${unsent.map((q) => html`<li class="mine"><p class="q-text">${q.text}</p><p class="q-meta"><span>还没有送到，正在送</span></p></li>`)}${mine.reverse().map(mineRow)}`);
  show("mine", mine.length + unsent.length > 0);
}

function mineRow(q: Question): unknown {
  const now = room.state?.questions[String(q.question)] ?? q;
  return html`<li class="mine"><p class="q-text">${q.text}</p><p class="q-meta">${fate(now.status)}${now.number ? html`<span>${now.number}号</span>` : nothing}<a href="/questions/${q.receipt}">回执编号 <span class="nb">${q.receipt}</span></a></p></li>`;
}

function drawConnection(): void {
  if (room.state) tick(room.state.interview, link.now());
  const kept = composer?.waiting.length ? "您写的问题存在这台设备上，没有丢，也还没有发出。" : "";
  drawLink(link, upTo, kept);
  if (composer?.waiting.length && (link.state === "connected" || link.state === "polling")) void composer.send();
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

async function support(question: number): Promise<void> {
  if (own?.state?.supported.includes(question)) return;
  try {
    await identify();
  } catch {
    announce("还没有送到，请过一会儿再按。");
    return;
  }
  const answer = await link.send("question.support", { question });
  if (!answer.ok) announce(answer.error.message);
  else if (own) await own.mend();
}

link.start();
setInterval(() => room.state && tick(room.state.interview, link.now()), 20_000);
