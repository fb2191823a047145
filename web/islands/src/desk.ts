// The answering desk: who is asked now, a draft that is never lost, an answer that is never called published before it is.
import { takeActs } from "./acts.js";
import type { Feed } from "./feed.js";
import { Link, OFFLINE, UNKNOWN, device } from "./link.js";
import { byId, draw, drawLink, html, nothing, nowHm, repeat, tick, write } from "./parts.js";
import { nearEnd } from "./saying.js";
import { onScreen, waiting, type Question, type Room, type StreamEvent } from "./store.js";
import { hm, points } from "./words.js";

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

const link = new Link(() => drawConnection(), noticed);
const room: Feed<Room> = link.follow<Room>(page.dataset["stream"]!, changed);
takeActs(link, (command, form, result) => {
  if (form.contains(area)) device.write(key, null);
  if (command === "question.refuse" || command === "question.defer") device.write(key, null);
  device.write("desk.done", result["message"] ?? DONE[command] ?? "办好了。");
  location.assign(["erratum.publish", "promise.make"].includes(command) ? location.href : path);
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
  const laid = Object.values(state.approving ?? {}).filter((one) => one.body === page.dataset["body"]).length;
  draw("laid", laid !== Number(page.dataset["laid"])
    ? html`<p class="note">等审定的答复变了，现在有${laid}份。<a href="${location.href}">刷新看看</a></p>`
    : nothing);
  const staged = [...state.stage].reverse().map((id) => state.questions[String(id)]).filter((q): q is Question => Boolean(q));
  draw("staged", staged.length ? repeat(staged, (q) => q.question, (q) => line(q, state, "答这个")) : html`<li class="small soft gap-top">暂时没有。</li>`);
  if (state.interview.status === "live") {
    const pool = waiting(state);
    draw("waiting", pool.length ? repeat(pool, (q) => q.question, (q) => line(q, state, "先写个草稿")) : html`<li class="small soft gap-top">没有等着的。</li>`);
    write("pool-n", pool.length);
  }
  drawConnection();
}

/** Said by the server; the clock's warnings stand beside the clock. */
function noticed(text: string, code: string): void {
  if (code !== "clock.15" && code !== "clock.5") draw("notice", html`<p class="note note--warn">${text}</p>`);
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
