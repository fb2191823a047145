// The answering desk: who is asked now, a draft that is never lost, an answer that is never called published before it is.
import { takeActs } from "./acts.js";
import type { Feed } from "./feed.js";
import { Link, device } from "./link.js";
import { byId, draw, drawLink, html, nothing, nowHm, repeat, tick, write } from "./parts.js";
import { onScreen, waiting, type Question, type Room, type StreamEvent } from "./store.js";
import { hm, points } from "./words.js";

const page = byId("main")!;
const path = page.dataset["path"] ?? location.pathname;
const current = Number(page.dataset["question"]) || null;
const area = byId<HTMLTextAreaElement>("answer");
const publish = area?.form?.querySelector<HTMLButtonElement>("button:not([data-no-script])") ?? null;
const key = `answer.${current}`;
let upTo = nowHm();
let pause: ReturnType<typeof setTimeout> | undefined;
let saved = area?.value ?? "";

const link = new Link(() => drawConnection());
const room: Feed<Room> = link.follow<Room>(page.dataset["stream"]!, changed);
takeActs(link, (command) => {
  if (command === "question.answer" || command === "question.refuse" || command === "question.defer") device.write(key, null);
  device.write("desk.done", command === "question.answer" ? "答复发布了。" : command === "question.defer" ? "转会后答复了。" : "依据已经公开。");
  location.assign(path);
});
const done = device.read<string>("desk.done");
if (done) draw("done", html`<p class="note">${done}</p>`);
device.write("desk.done", null);
link.start();

function changed(feed: Feed<Room>, events: StreamEvent[]): void {
  const state = feed.state!;
  upTo = events.length ? hm(events[events.length - 1]!.at) : nowHm(new Date(link.now()));
  const called = onScreen(state);
  draw("called", called && called.question !== current
    ? html`<p class="note">主持人请您答${called.number}号：${called.text} <a class="btn btn--small" href="${path}?question=${called.question}">现在去答</a></p>`
    : state.interview.status === "ended" && page.dataset["status"] === "live"
      ? html`<p class="note note--warn">访谈结束了。现在发布的是会后答复。</p>`
      : nothing);
  const staged = [...state.stage].reverse().map((id) => state.questions[String(id)]).filter((q): q is Question => Boolean(q));
  draw("staged", staged.length ? repeat(staged, (q) => q.question, (q) => line(q, state, "答这个")) : html`<li class="small soft gap-top">暂时没有。</li>`);
  if (state.interview.status === "live") {
    const pool = waiting(state);
    draw("waiting", pool.length ? repeat(pool, (q) => q.question, (q) => line(q, state, "先写个草稿")) : html`<li class="small soft gap-top">没有等着的。</li>`);
    write("pool-n", pool.length);
  }
  tick(state.interview, link.now());
  drawConnection();
}

function line(q: Question, state: Room, words: string): unknown {
  const draft = state.drafting?.[String(q.question)];
  return html`<li class="pick-q ${q.question === current ? "pick-q--on" : ""}"><b>${q.number}</b><div><p>${q.text}</p>
    <p class="q-meta"><span class="num">${q.supports}人支持</span>${draft ? html`<span>${draft.writer}在写</span>` : nothing}</p>
    <div class="row"><a class="link-btn small" href="${path}?question=${q.question}">${words}</a></div></div></li>`;
}

function drawConnection(): void {
  if (room.state) tick(room.state.interview, link.now());
  drawLink(link, upTo, "您写的答复存在这台电脑上，没有丢，也还没有发出。");
  const able = link.state === "connected" || link.state === "polling";
  if (publish) {
    publish.disabled = !able;
    publish.textContent = able ? "发布答复" : "连上以后才能发";
  }
  if (able) void saveDraft();
}

if (area && current) {
  const kept = device.read<string>(key);
  if (kept && kept !== area.value) area.value = kept;
  area.addEventListener("input", () => {
    device.write(key, area.value || null);
    tell(`${points(area.value)}字，${nowHm()}存在这台电脑上`);
    clearTimeout(pause);
    pause = setTimeout(() => void saveDraft(), 1_500);
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) area.form?.requestSubmit(publish);
  });
}

async function saveDraft(): Promise<void> {
  if (!area || !current || area.value === saved || !area.value.trim()) return;
  const text = area.value;
  saved = text;
  const answer = await link.send("answer.draft", { question: current, text });
  if (answer.ok) tell(`${points(text)}字，${nowHm()}存好了`);
  else saved = "";
}

function tell(words: string): void {
  write("draft-state", words);
}

setInterval(() => room.state && tick(room.state.interview, link.now()), 20_000);
