// The host's and the moderator's console: follows the staff stream, acts over the socket, is driven by keyboard.
import { settleForms, takeActs } from "./acts.js";
import { Alikes } from "./alikes.js";
import { carriedOut, type Act } from "./carried.js";
import { SHOWN, act, card, merge, more } from "./cards.js";
import type { Feed } from "./feed.js";
import { drawSpoken, takeLinks } from "./fixing.js";
import { Hands } from "./hands.js";
import { listen } from "./keys.js";
import { LineUp } from "./lineup.js";
import { Link, OFFLINE, UNKNOWN, type Failure } from "./link.js";
import { byId, draw, drawLink, html, nothing, nowHm, repeat, show, stage, tick, write, type TemplateResult } from "./parts.js";
import { drawPhrases, nearEnd, wordsAfter, wordsOf, wordsOfAct, wordsOfRefusal } from "./saying.js";
import { Several } from "./several.js";
import { waiting, type Hand, type Question, type Room, type StreamEvent } from "./store.js";
import { turn } from "./turning.js";
import { UnsentActs } from "./unsent.js";
import { KINDS, hm } from "./words.js";

const FAIRNESS_MS = 15_000;

const page = byId("main")!;
const me = page.dataset["me"] ?? "";
const interview = Number(page.dataset["interview"]);
const can = new Set((page.dataset["can"] ?? "").split(" "));
const bodies = Array.from(document.querySelectorAll<HTMLOptionElement>("#bodies option"), (o) => ({ id: o.value, name: o.text }));
/** What the page came with stays under what happens from now on. */
const log = Array.from(document.querySelectorAll<HTMLElement>("#log li:has(time)"), (row) => ({
  at: row.querySelector("time")!.dateTime,
  text: row.querySelector("span")!.textContent ?? "",
}));
/** Numbers in the order of the pool's list; what is new comes last, so that nothing moves under the host's finger. */
let shown: number[] = [];
/** The question under the cursor; a moderator's rests on none at first, for resting takes it into their hands. */
let on: number | null = null;
let upTo = nowHm();
/** Whether it was said that the host is not there. */
let hostAway = false;

const link = new Link(() => drawConnection(), noticed);
const unsent = new UnsentActs(() => link, `acts.${interview}`, me, settled);
const room: Feed<Room> = link.follow<Room>(page.dataset["stream"]!, changed);
const hands = new Hands(link, (question) => handOf(question)?.by === me);
const alikes = new Alikes(interview, () => room.state && drawAll(room.state));
const several = new Several(link, () => room.state, () => room.state && drawAll(room.state));
/** The order that is on its way: the next key goes on from it, not from the one before. */
let wanted: number[] | null = null;
const line = new LineUp((questions) => void order(questions), lined);

takeActs(link, done, failed);
takeLinks(() => room.state, can);
drawPhrases();
link.start();

function done(command: string, _form: HTMLFormElement, result: Record<string, unknown>, fields: Record<string, unknown>): void {
  unsent.arrived(command, fields);
  if (command === "interview.rehearse") location.assign(`/host/${String(result["interview"])}`);
  else if (command === "interview.open" || command === "interview.close") turn(command === "interview.open" ? "live" : "ended", true);
  else if (command.startsWith("question.")) {
    hands.done(Number(fields["question"]));
    acted(wordsAfter(command, fields, result, room.state));
    // The dialog it was done in would give the focus back to a row that is gone by now.
    const focused = document.activeElement;
    if (focused === document.body || focused?.closest("dialog")) rowOn()?.focus({ preventScroll: true });
  }
}

function acted(words: string | null): void {
  if (words) write("acted", words);
}

/** A question that somebody else decided takes its card away, and with it the place where a refusal is said. */
function failed(command: string, fields: Record<string, unknown>, error: Failure, form: HTMLFormElement): void {
  if (!carriedOut({ command, fields }, room.state)) unsent.keep(command, fields, error, wordsOfAct(command, fields, room.state));
  if (lineFailed(error) || (form.isConnected && error.code !== "question.state")) return;
  acted(wordsOfRefusal(command, fields, error.message, room.state));
}

/** An act of the list was sent after all, or let go: the form in which it was pressed does not ask for it any more. */
function settled(act: Act, result: Record<string, unknown> | null): void {
  settleForms(act.command, act.fields, result !== null);
  if (result) acted(wordsAfter(act.command, act.fields, result, room.state));
}

const lineFailed = (error: Failure): boolean => error.code === OFFLINE.code || error.code === UNKNOWN.code;

/** The line-up as the next press finds it: what was pressed before and did not arrive yet is in it. */
function lined(): number[] {
  const unheard = wanted ?? (unsent.of("question.order")?.["questions"] as number[] | undefined);
  const gone = (id: number): boolean => room.state !== null && room.state.questions[String(id)]?.status !== "published";
  return unheard?.filter((id) => !gone(id)) ?? room.state?.order ?? [];
}

async function order(questions: number[]): Promise<void> {
  const fields = { interview, questions };
  wanted = questions;
  const answer = await link.send("question.order", fields);
  // A newer one was pressed meanwhile: it holds this one, and tells what came of both.
  if (wanted !== questions) return;
  wanted = null;
  if (answer.ok || carriedOut({ command: "question.order", fields }, room.state)) unsent.arrived("question.order", fields);
  else if (lineFailed(answer.error)) unsent.keep("question.order", fields, answer.error, wordsOfAct("question.order", fields, room.state));
  else noticed(answer.error.message, answer.error.code);
}

function handOf(question: number): Hand | null {
  const hand = room.state?.handling?.[String(question)];
  return hand && (hand.publishing || Date.parse(hand.until) > link.now()) ? hand : null;
}

function changed(feed: Feed<Room>, events: StreamEvent[]): void {
  const state = feed.state!;
  unsent.settle((one) => carriedOut(one, state));
  upTo = events.length ? hm(events[events.length - 1]!.at) : nowHm(new Date(link.now()));
  for (const event of events) {
    const words = wordsOf(event, state);
    if (words) note(event.at, words);
    if (event.kind === "question.claimed") takenOver(event);
  }
  alikes.happened(events.map((event) => event.kind));
  if (state.interview.status !== page.dataset["status"] && turn(state.interview.status)) return;
  drawAll(state);
}

/** Somebody took the card out of one's hands: that is said, not only shown. */
function takenOver(event: StreamEvent): void {
  const { question, by } = event.body;
  if (question === on && by !== me && can.has("claim")) noticed(`${String(by)}正在处理您看的这一个。`, "claimed");
}

/** Drawing again may take the focus away with the row it was on; it goes to the row under the cursor then. */
function drawAll(state: Room): void {
  const held = Boolean(document.activeElement?.closest("[data-pick]"));
  drawRows(state);
  if (held && document.activeElement === document.body) rowOn()?.focus({ preventScroll: true });
}

function drawRows(state: Room): void {
  const pending = can.has("moderate") ? queueOf(state) : [];
  const coming = (state.order ?? []).map((id) => state.questions[String(id)]).filter((q): q is Question => q?.status === "published");
  const pool = waiting(state).filter((q) => !coming.includes(q));
  cursor(pending, [...coming, ...pool]);
  drawStage(state);
  if (byId("queue")) drawQueue(pending, [...coming, ...pool]);
  drawLine(state, coming);
  draw("pool", html`${repeat(inOrder(pool.slice(0, SHOWN)), (q) => q.question, (q) => poolRow(q, [...coming, ...pool], state))}${more(pool.length, "支持的人少一些，没有列在这里。")}`);
  write("pool-n", pool.length);
  show("pool-empty", pool.length === 0);
  if (state.interview.limit_at) write("limit-at", hm(state.interview.limit_at));
  drawDelay(state);
  drawSpoken(state);
  drawConnection();
}

const urgent = (q: Question): boolean => (q.flags ?? []).some((f) => typeof f !== "string" && (f as { kind?: string }).kind === "emergency");

/** A cry for help first, then the longest waiting. */
function queueOf(state: Room): Question[] {
  const found = Object.values(state.questions).filter((q) => q.status === "pending");
  return found.sort((a, b) => Number(urgent(b)) - Number(urgent(a)) || a.at.localeCompare(b.at) || a.question - b.question);
}

/** What could be under the cursor before: of what waits for the moderator, and of all. */
let before: { pending: number[]; all: number[]; theirs: boolean } = { pending: [], all: [], theirs: false };

const theirs = (question: number): boolean => (handOf(question)?.by ?? me) !== me;

/**
 * When the question under the cursor is decided, the cursor goes to the one that comes into its place. Where somebody
 * else decided it, it goes nowhere: two moderators would come to the same next one.
 */
function cursor(pending: Question[], rest: Question[]): void {
  const now = { pending: pending.map((q) => q.question), all: [...pending, ...rest].map((q) => q.question), theirs: on !== null && theirs(on) };
  const among = on !== null && before.pending.includes(on) ? "pending" : "all";
  if (on !== null && !now[among].includes(on)) {
    const free = now[among].filter((one) => !theirs(one));
    const place = before[among].slice(before[among].indexOf(on)).find((one) => free.includes(one));
    go(among === "pending" && before.theirs ? null : place ?? free[free.length - 1] ?? null, pending);
  }
  if (on === null && !can.has("moderate")) on = now.all[0] ?? null;
  before = now;
}

function go(question: number | null, pending: Question[] = room.state ? queueOf(room.state) : []): void {
  on = question;
  if (can.has("claim")) hands.rest(question !== null && pending.some((q) => q.question === question) ? question : null);
}

function drawQueue(pending: Question[], pool: Question[]): void {
  const drawn = pending.slice(0, SHOWN);
  several.draw(new Set(drawn.map((q) => q.question)));
  alikes.want(drawn.map((q) => q.question));
  draw("queue", html`${repeat(drawn, (q) => q.question, (q) => card(q, {
    on: q.question === on, selected: several.chosen.has(q.question), hand: handOf(q.question), me, now: link.now(), alike: alikes.of(q.question), pool, bodies,
    select: (question, yes) => several.select(question, yes),
    over: (question) => {
      on = question;
      void hands.take(question, true);
    },
  }))}${more(pending.length, "前面的办完就排上来。")}`);
  write("queue-n", pending.length);
  show("queue-empty", pending.length === 0);
}

function drawStage(state: Room): void {
  const [staged, ...also] = [...state.stage].reverse();
  const back = (question: number, inside: unknown): TemplateResult => act("question.unstage", { question }, inside);
  draw("stage", stage(state, staged !== undefined && can.has("stage") ? back(staged, html`<button class="btn btn--plain btn--small">先放回去</button>`) : nothing));
  draw("also", also.map((id) => state.questions[String(id)]).filter((q): q is Question => Boolean(q)).map((q) => html`<li class="pick-q"><b>${q.number}</b><div><p>${q.text}</p>${
    can.has("stage") ? html`<div class="row">${back(q.question, html`<button class="link-btn small">先放回去<span class="vh">：${q.number}号</span></button>`)}</div>` : nothing
  }</div></li>`));
}

function drawLine(state: Room, coming: Question[]): void {
  const sight = { stage: can.has("stage") && state.interview.status === "live", order: can.has("order") };
  draw("lineup", repeat(coming, (q) => q.question, (q, at) => line.row(q, at, coming.length, { ...sight, on: q.question === on })));
  write("line-n", coming.length);
  show("line-empty", coming.length === 0);
}

function poolRow(q: Question, pool: Question[], state: Room): TemplateResult {
  const here = q.question === on;
  const drags = can.has("order");
  return html`<li class="pick-q ${here ? "pick-q--on" : ""} ${drags ? "pick-q--drag" : ""}" data-pick=${q.question} tabindex="-1" draggable=${drags ? "true" : "false"} @dragstart=${line.drag} aria-current=${here ? "true" : "false"}><b>${q.number}</b><div><p>${q.text}</p>
    <p class="q-meta"><span class="num">${q.supports}人支持</span><span>${q.nickname ?? "未留称呼"}</span><span>${KINDS[q.kind]}</span></p>
    <div class="row">${can.has("stage") && state.interview.status === "live" ? act("question.stage", { question: q.question }, html`<button class="btn btn--small ${here ? "" : "btn--plain"}" data-key="s">请上场</button>`) : nothing}${
      drags ? html`<button type="button" class="link-btn small" @click=${() => line.put(q.question)}>排上<span class="vh">：${q.number}号</span></button>` : nothing
    }${can.has("moderate") ? merge(q, pool) : nothing}</div></div></li>`;
}

/** What is new comes last: nothing moves under the host's finger. */
function inOrder(questions: Question[]): Question[] {
  const found = new Map(questions.map((q) => [q.question, q]));
  const known = new Set(shown);
  shown = shown.filter((id) => found.has(id)).concat(questions.filter((q) => !known.has(q.question)).map((q) => q.question));
  return shown.map((id) => found.get(id)!);
}

function drawDelay(state: Room): void {
  const delay = state.delay ?? 0;
  draw("delay", html`<div class="switch"><p>${delay ? `公开前等${delay}秒，可以撤回` : "按了就公开，不能撤回"}</p>${act("publication.delay", { interview, seconds: delay ? 0 : 10 }, html`<button class="btn btn--plain btn--small">${delay ? "改成马上公开" : "改成等10秒"}</button>`)}</div>`);
}

/** What happened, one line each, newest first. */
function note(at: string, text: string): void {
  log.unshift({ at, text });
  log.length = Math.min(log.length, 40);
  draw("log", log.map((entry) => html`<li><time datetime=${entry.at}>${entry.at.endsWith("Z") ? nowHm() : hm(entry.at)}</time><span>${entry.text}</span></li>`));
}

/** Said by the server, or by what was refused away from any form; the clock's warnings stand beside the clock. */
function noticed(text: string, code: string): void {
  if (code === "clock.15" || code === "clock.5") return;
  if (code.startsWith("host.") && hostCame(code)) return;
  note(new Date().toISOString(), text);
  draw("notice", html`<div class="note note--warn"><p>${text}</p><button type="button" class="link-btn small" @click=${() => draw("notice", nothing)}>知道了</button></div>`);
}

/** The host knows where they are; to the others, that they came back ends what was said when they left. */
function hostCame(code: string): boolean {
  if (can.has("say")) return true;
  const missed = hostAway;
  hostAway = code === "host.away";
  return !hostAway && !missed;
}

function drawConnection(): void {
  if (room.state) {
    tick(room.state.interview, link.now());
    write("near-end", nearEnd(room.state.interview, link.now()));
  }
  drawLink(link, upTo, "这时候办的事送不到，没有送到的会列在上面。");
}

const rowOn = (): HTMLElement | null => document.querySelector<HTMLElement>(`[data-pick="${on}"]`);

function pressed(key: string): void {
  document.querySelector<HTMLElement>(`[data-pick="${on}"] [data-key="${key}"]`)?.click();
}

function move(step: number): void {
  const rows = Array.from(document.querySelectorAll<HTMLElement>("[data-pick]"));
  const at = rows.findIndex((row) => Number(row.dataset["pick"]) === on);
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (!next || !room.state) return;
  go(Number(next.dataset["pick"]));
  drawAll(room.state);
  const row = rowOn();
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

listen({
  j: () => move(1),
  k: () => move(-1),
  s: () => pressed("s"),
  p: () => (several.chosen.size ? void several.go("question.publish") : pressed("p")),
  d: () => (several.chosen.size ? several.askReason() : pressed("d")),
  e: () => pressed("e"),
  m: () => pressed("m"),
  t: () => pressed("t"),
  u: () => (document.querySelector<HTMLElement>(`[data-pick="${on}"] [data-key="u"]`) ?? document.querySelector<HTMLElement>('[data-key="u"]'))?.click(),
  x: () => {
    if (on !== null && document.querySelector(`#queue [data-pick="${on}"]`)) several.select(on, !several.chosen.has(on));
  },
  a: () => {
    if (on === null || !can.has("order")) return;
    if (line.has(on)) line.out(on);
    else line.put(on);
  },
  "[": () => on !== null && can.has("order") && line.shift(on, -1),
  "]": () => on !== null && can.has("order") && line.shift(on, 1),
});

/** A card that one touches, or comes to by Tab, is the one under the cursor. */
document.addEventListener("focusin", (event) => {
  const row = (event.target as Element).closest<HTMLElement>("[data-pick]");
  if (!row || !room.state || Number(row.dataset["pick"]) === on) return;
  go(Number(row.dataset["pick"]));
  drawAll(room.state);
});
byId("queue")?.addEventListener("click", (event) => {
  const row = (event.target as Element).closest<HTMLElement>("[data-pick]");
  if (row && room.state && Number(row.dataset["pick"]) !== on) {
    go(Number(row.dataset["pick"]));
    drawAll(room.state);
  }
});
const lineup = byId("lineup")?.closest("section");
if (lineup && can.has("order")) {
  lineup.addEventListener("dragover", line.over);
  lineup.addEventListener("dragleave", line.leave);
  lineup.addEventListener("drop", line.let);
}
byId("say")?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) (event.target as HTMLTextAreaElement).form?.requestSubmit();
});

/** Seconds until a publication, claims that run out: drawn each second only while there are any. */
setInterval(() => {
  if (room.state && Object.keys(room.state.handling ?? {}).length) drawAll(room.state);
}, 1_000);
setInterval(() => room.state && drawAll(room.state), 20_000);

async function fairness(): Promise<void> {
  const place = byId("fairness");
  if (!place || document.hidden || link.state === "lost" || link.state === "out") return;
  const answer = await fetch(`/host/${interview}/fairness`).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const part = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...part.body.childNodes);
}
setInterval(() => void fairness(), FAIRNESS_MS);
