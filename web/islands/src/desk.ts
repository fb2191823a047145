// The answering desk: who is asked now, a draft that is never lost, an answer that is never called published before it is.
import { showDialog, takeActs } from "./acts.js";
import type { Feed } from "./feed.js";
import { Link, OFFLINE, UNKNOWN, device } from "./link.js";
import { byId, draw, drawLink, html, nothing, nowHm, render, repeat, tick, write } from "./parts.js";
import { nearEnd } from "./saying.js";
import { onScreen, waiting, type Item, type Question, type Room, type StreamEvent } from "./store.js";
import { edited } from "./turning.js";
import { hm, points } from "./words.js";

/** How long the writer waits for what others did in the same instant. */
const MEND_MS = 3_000;
const DONE: Record<string, string> = {
  "question.answer": "答复发布了。", "question.defer": "转会后答复了。", "question.refuse": "依据已经公开。",
  "answer.approve": "审定了，已经发布，和您看的一字不差。", "answer.return": "退回了，那一份成了写的人的草稿。",
  "answer.recall": "撤回了，是您的草稿，改好可以再交。",
  "promise.make": "承诺登记了，登在答复旁边，也列进要办的事。办结以后在这里写一条答复。",
  "erratum.publish": "更正登出了，登在原文旁边。", "interview.say": "说出去了，记进了实录。",
};

const page = byId("main")!;
const path = page.dataset["path"] ?? location.pathname;
const current = Number(page.dataset["question"]) || null;
const area = byId<HTMLTextAreaElement>("answer");
const publish = area?.form?.querySelector<HTMLButtonElement>("button:not([data-no-script])") ?? null;
const key = `answer.${current}`;
const speakerKey = `speaker.${page.dataset["interview"]}`;
let upTo = nowHm();
let pause: ReturnType<typeof setTimeout> | undefined;
/** What the server has of the draft; `refused` what it would not take, which is not offered again and again. */
let saved = area?.value ?? "";
let refused: string | null = null;
/** A colleague who writes, or wrote, about the same question: two answers to one would be published otherwise. */
let other = "";
/** The answers to this question that its writer knows of: those on the page as it was drawn, and their own since. */
const known = new Set((byId("other")?.dataset["said"] ?? "").split(" ").filter(Boolean).map(Number));
/** Those beside which the writer wants to publish all the same. */
const beside = new Set<number>();
/** What waited for a second person, as it was before the newest events; and how many of one's own were let through. */
let laidUp: Room["approving"] = {};
let letThrough = 0;

const link = new Link(() => drawConnection(), noticed);
const room: Feed<Room> = link.follow<Room>(page.dataset["stream"]!, changed);
takeActs(link, (command, form, result) => void finished(command, form, result));
const done = device.read<string>("desk.done");
if (done) draw("done", html`<p class="note">${done}</p>`);
device.write("desk.done", null);
link.start();

async function finished(command: string, form: HTMLFormElement, result: Record<string, unknown>): Promise<void> {
  if (form.contains(area) || command === "question.refuse" || command === "question.defer") device.write(key, null);
  const also = command === "question.answer" && "item" in result ? await meanwhile(Number(result["item"])) : "";
  device.write("desk.done", String(result["message"] ?? DONE[command] ?? "办好了。") + also);
  location.assign(["erratum.publish", "promise.make"].includes(command) ? location.href : path);
}

/** Of two who publish in one instant, the second is told that both are public; the backlog knows, whatever the wire brought. */
async function meanwhile(own: number): Promise<string> {
  known.add(own);
  await Promise.race([room.mend().catch(() => {}), new Promise((after) => setTimeout(after, MEND_MS))]);
  const found = unknown().filter((item) => !beside.has(item.item));
  return found.length ? `${namesOf(found)}也刚发布了一份，两份都公开了。` : "";
}

/** What others have published to this question without its writer knowing; what is on its way from here is no other's. */
function unknown(): Item[] {
  const sent = area?.form?.dataset["busy"] ? area.value.trim() : null;
  return (room.state?.items ?? []).filter((item) => item.question === current && item.kind === "answer" && !item.removed && !known.has(item.item) && item.text?.trim() !== sent);
}

const namesOf = (items: Item[]): string => [...new Set(items.map((item) => item.speaker ?? item.body ?? "同事"))].join("、");
const start = (item: Item): string => (points(item.text ?? "") > 120 ? `${[...(item.text ?? "")].slice(0, 120).join("")}……` : item.text ?? "");

function changed(feed: Feed<Room>, events: StreamEvent[]): void {
  const state = feed.state!;
  events.forEach(hear);
  upTo = events.length ? hm(events[events.length - 1]!.at) : nowHm(new Date(link.now()));
  const called = onScreen(state);
  draw("called", called && called.question !== current
    ? html`<p class="note">主持人请您答${called.number}号：${called.text} <a class="btn btn--small" href="${path}?question=${called.question}">现在去答</a></p>`
    : state.interview.status === "ended" && page.dataset["status"] === "live"
      ? html`<p class="note note--warn">访谈结束了。现在发布的是会后答复。</p>`
      : nothing);
  drawOthers(state);
  drawLaid(state, events);
  const staged = [...state.stage].reverse().map((id) => state.questions[String(id)]).filter((q): q is Question => Boolean(q));
  draw("staged", staged.length ? repeat(staged, (q) => q.question, (q) => line(q, state, "答这个")) : html`<li class="small soft gap-top">暂时没有。</li>`);
  if (state.interview.status === "live") {
    const pool = waiting(state);
    draw("waiting", pool.length ? repeat(pool, (q) => q.question, (q) => line(q, state, "先写个草稿")) : html`<li class="small soft gap-top">没有等着的。</li>`);
    write("pool-n", pool.length);
  }
  drawConnection();
}

/** What becomes of one's own that waited for a second person. */
function hear(event: StreamEvent): void {
  if (event.kind === "question.answered" && event.body["question"] === current && letThrough > 0) {
    letThrough -= 1;
    known.add(event.body["item"] as number);
  }
  const laid = laidUp?.[String(event.body["approval"])];
  if (laid?.writer !== page.dataset["me"] || laid?.question !== current) return;
  if (event.kind === "answer.approved") {
    letThrough += laid.kind === "answer" ? 1 : 0;
    draw("done", html`<p class="note">审定了，您交的已经发布。</p>`);
  } else if (event.kind === "answer.returned") draw("done", html`<p class="note note--warn">您交的退回来了，理由在下面。</p>`);
}

/** Who else writes about this question, and who has published an answer to it meanwhile. */
function drawOthers(state: Room): void {
  const found = unknown();
  const writes = current ? state.drafting?.[String(current)] : undefined;
  if (writes && writes.writer !== page.dataset["me"]) other = `${writes.writer}也在写这一个，已写${writes.length}字。请先商量好由谁发布。`;
  else if (found.length) other = "";
  draw("other", html`${
    found.length ? html`<div class="note note--warn"><p><b>${namesOf(found)}刚发布了答复。再发就是补充。</b></p>${found.map((item) => html`<p class="small">${start(item)}</p>`)}</div>` : nothing
  }${other ? html`<p class="note note--warn">${other}</p>` : nothing}`);
  if (found.length && publish?.dataset["words"] === "发布答复") publish.dataset["words"] = "作为补充发布";
}

const LAYING = new Set(["answer.waiting", "answer.approved", "answer.returned", "answer.recalled"]);

/** What waits for a second person is drawn by the server: that part of the page is fetched anew, the form stays. */
function drawLaid(state: Room, events: StreamEvent[]): void {
  laidUp = state.approving;
  const many = Object.values(state.approving ?? {}).filter((one) => one.body === page.dataset["body"]).length;
  if (many === Number(page.dataset["laid"]) && !events.some((event) => LAYING.has(event.kind))) return;
  const told = html`<p class="note">等审定的答复变了，现在有${many}份。<a href="${location.href}">刷新看看</a></p>`;
  void refreshLaid().then((fresh) => draw("laid", fresh ? nothing : told));
}

/** Whether the part that tells what waits is as the server has it; nothing that is being written in it is thrown away. */
async function refreshLaid(): Promise<boolean> {
  const places = ["stage", "said", "approving"].map((id) => byId(id));
  if (places.some((place) => place && edited(place)) || (current && !area)) return false;
  const answer = await fetch(current ? `${path}?question=${current}` : location.href, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const place of places) {
    const found = place && fresh.getElementById(place.id);
    if (found) place.replaceChildren(...found.childNodes);
  }
  page.dataset["laid"] = fresh.getElementById("main")?.dataset["laid"] ?? "";
  const kept = (fresh.getElementById("answer") as HTMLTextAreaElement | null)?.value;
  // What came back is a draft again; what was written here since stays.
  if (area && kept && (area.value === saved || !area.value.trim())) area.value = saved = kept;
  return true;
}

/** Said by the server; the clock's warnings stand beside the clock. */
function noticed(text: string, code: string): void {
  if (code === "clock.15" || code === "clock.5") return;
  // That the host came back ends what was said when they left, and says nothing else to whoever answers.
  draw("notice", code === "host.back" ? nothing : html`<p class="note note--warn">${text}</p>`);
}

function line(q: Question, state: Room, words: string): unknown {
  const draft = state.drafting?.[String(q.question)];
  return html`<li class="pick-q ${q.question === current ? "pick-q--on" : ""}"><b>${q.number}</b><div><p>${q.text}</p>
    <p class="q-meta"><span class="num">${q.supports}人支持</span>${draft ? html`<span>${draft.writer}在写</span>` : nothing}</p>
    <div class="row"><a class="link-btn small" href="${path}?question=${q.question}">${words}</a></div></div></li>`;
}

function drawConnection(): void {
  if (room.state) {
    tick(room.state.interview, link.now());
    write("near-end", nearEnd(room.state.interview, link.now()));
  }
  drawLink(link, upTo, "您写的答复存在这台电脑上，没有丢，也还没有发出。");
  const able = link.state === "connected" || link.state === "polling";
  if (publish) {
    publish.disabled = !able;
    publish.textContent = able ? publish.dataset["words"] ?? "发布答复" : "连上以后才能发";
  }
  if (able) void saveDraft();
}

if (area && current) {
  const kept = device.read<string>(key);
  if (kept && kept !== area.value) {
    area.value = kept;
    tell("这台电脑上有还没存上去的草稿，已经放回来了");
  }
  area.addEventListener("input", () => {
    const here = device.write(key, area.value || null);
    tell(here ? `${points(area.value)}字，${nowHm()}存在这台电脑上` : `${points(area.value)}字，还没有存上，这台电脑存不下`);
    clearTimeout(pause);
    pause = setTimeout(() => void saveDraft(), 1_500);
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) area.form?.requestSubmit(publish);
  });
}

/** Beside an answer that somebody else has published, only on purpose: the first press shows it, the second publishes. */
area?.form?.addEventListener("submit", (event) => {
  const found = unknown().filter((item) => !beside.has(item.item));
  if (!found.length || event.submitter?.hasAttribute("data-no-script")) return;
  event.preventDefault();
  event.stopPropagation();
  askFirst(found);
});

function askFirst(found: Item[]): void {
  const inside = document.createElement("div");
  const go = (): void => {
    found.forEach((item) => beside.add(item.item));
    inside.closest("dialog")?.close();
    area?.form?.requestSubmit(publish);
  };
  render(html`<h2 tabindex="-1" autofocus>${namesOf(found)}已经发布了答复</h2>${found.map((item) => html`<p class="soft">${start(item)}</p>`)}
    <p>您写的没有丢。再发，就登在后面，作为补充。</p><p class="dialog-acts"><button type="button" class="btn" @click=${go}>作为补充发布</button></p>`, inside);
  showDialog(inside, "先不发");
}

/** Without a line, too: then the device keeps it, and the server gets it once it is there. */
area?.form?.querySelector("button[data-no-script]")?.addEventListener("click", (event) => {
  event.preventDefault();
  void keepNow();
});

async function keepNow(): Promise<void> {
  clearTimeout(pause);
  if (!area?.value.trim()) return tell("还没有写，没有可存的。");
  const text = area.value;
  refused = null;
  if (text === saved) return tell(`${points(text)}字，存好了`);
  const here = device.write(key, text);
  await saveDraft();
  if (saved === text || refused === text) return;
  tell(here ? `没有连上。${points(text)}字，${nowHm()}存在这台电脑上，连上就自动存上去` : "没有连上，这台电脑也存不下，请先不要离开这一页");
}

/** A quotation goes behind what is written, here and at once; the server keeps it as it keeps the rest of the draft. */
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("button[data-quote]");
  if (!button || !area) return;
  event.preventDefault();
  const written = area.value.trimEnd();
  area.value = written ? `${written}\n\n${button.dataset["quote"]}` : button.dataset["quote"]!;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
});

/** The device keeps what is written until the server has said that it has it. */
async function saveDraft(): Promise<void> {
  if (link.state === "out" || !area || !current || area.value === saved || area.value === refused || !area.value.trim()) return;
  const text = area.value;
  const before = saved;
  saved = text;
  const answer = await link.send("answer.draft", { question: current, text });
  if (answer.ok) {
    if (area.value === text) device.write(key, null);
    tell(`${points(text)}字，${nowHm()}存好了`);
    return;
  }
  saved = before;
  if (answer.error.code === OFFLINE.code || answer.error.code === UNKNOWN.code) return;
  refused = text;
  tell(`没有存上：${answer.error.message}`);
}

/** A clerk who types for several people goes on for the one chosen last, on this device too. */
for (const select of document.querySelectorAll<HTMLSelectElement>("#speaker, #say-speaker")) {
  const last = device.read<string>(speakerKey);
  if (last && [...select.options].some((option) => option.value === last)) select.value = last;
  select.addEventListener("change", () => {
    device.write(speakerKey, select.value);
    document.querySelectorAll<HTMLSelectElement>("#speaker, #say-speaker").forEach((other) => (other.value = select.value));
  });
}

function tell(words: string): void {
  write("draft-state", words);
}

setInterval(() => room.state && drawConnection(), 20_000);
