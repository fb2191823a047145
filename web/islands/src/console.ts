// The host's and the moderator's console: follows the staff stream, acts over the socket, is driven by keyboard.
import { takeActs } from "./acts.js";
import type { Feed } from "./feed.js";
import { Link, device, formToken } from "./link.js";
import { byId, draw, drawLink, html, nothing, nowHm, repeat, show, stage, tick, write, type TemplateResult } from "./parts.js";
import { waiting, type Question, type Room, type StreamEvent } from "./store.js";
import { GROUNDS, KINDS, cntime, hm } from "./words.js";

const page = byId("main")!;
const can = new Set((page.dataset["can"] ?? "").split(" "));
const bodies = Array.from(document.querySelectorAll<HTMLOptionElement>("#bodies option"), (o) => ({ id: o.value, name: o.text }));
const log: { at: string; text: string }[] = [];
let order: number[] = [];
let on: number | null = null;
let upTo = nowHm();

const link = new Link(() => drawConnection(), (text) => note(new Date().toISOString(), text));
const room: Feed<Room> = link.follow<Room>(page.dataset["stream"]!, changed);
takeActs(link, (command) => {
  if (command === "interview.open" || command === "interview.close") location.reload();
});
link.start();

function changed(feed: Feed<Room>, events: StreamEvent[]): void {
  const state = feed.state!;
  upTo = events.length ? hm(events[events.length - 1]!.at) : nowHm(new Date(link.now()));
  for (const event of events) {
    const words = wordsOf(event, state);
    if (words) note(event.at, words);
  }
  if (state.interview.status !== page.dataset["status"]) {
    location.reload();
    return;
  }
  drawAll(state);
}

function drawAll(state: Room): void {
  const queue = Object.values(state.questions).filter((q) => q.status === "pending").sort((a, b) => a.at.localeCompare(b.at));
  const pool = inOrder(waiting(state));
  const all = [...(can.has("moderate") ? queue : []), ...pool].map((q) => q.question);
  if (on === null || !all.includes(on)) on = all[0] ?? null;
  const staged = state.stage[state.stage.length - 1];
  draw("stage", stage(state, staged !== undefined && can.has("stage") ? act("question.unstage", { question: staged }, html`<button class="btn btn--plain btn--small">先放回去</button>`) : nothing));
  if (byId("queue")) {
    draw("queue", repeat(queue, (q) => q.question, (q) => pendingRow(q, pool)));
    write("queue-n", queue.length);
    show("queue-empty", queue.length === 0);
  }
  draw("pool", repeat(pool, (q) => q.question, (q) => poolRow(q, pool)));
  write("pool-n", pool.length);
  show("pool-empty", pool.length === 0);
  if (state.interview.limit_at) write("limit-at", hm(state.interview.limit_at));
  tick(state.interview, link.now());
  drawConnection();
}

/** What is new comes last: nothing moves under the moderator's finger. */
function inOrder(questions: Question[]): Question[] {
  const found = new Map(questions.map((q) => [q.question, q]));
  const known = new Set(order);
  order = order.filter((id) => found.has(id)).concat(questions.filter((q) => !known.has(q.question)).map((q) => q.question));
  return order.map((id) => found.get(id)!);
}

function act(command: string, fields: Record<string, number>, inside: unknown): TemplateResult {
  return html`<form method="post" action="/do/${command}" data-command=${command}>
    <input type="hidden" name="csrf" value=${formToken()}><input type="hidden" name="back" value=${location.pathname}>
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name=${name} value=${value}>`)}
    ${inside}<p class="act-state" role="status"></p></form>`;
}

const confirm = (summary: string, title: string, inside: unknown, key = ""): TemplateResult =>
  html`<details class="confirm confirm--light" data-dialog><summary data-key=${key}>${summary}</summary><div class="confirm-in"><h2>${title}</h2>${inside}</div></details>`;

const REASONS = { unlawful: "违法", abuse: "辱骂、骚扰", advertising: "广告", personal_data: "满是别人的个人信息，隐去就看不懂", not_a_question: "不是提问" };

function decline(q: Question): TemplateResult {
  return confirm("不公开……", "不公开这个提问", act("question.decline", { question: q.question }, html`<p class="soft small">只有这五种原因。归别的单位管的，请转走，不要不公开。</p>
    <fieldset class="field"><legend>原因（会登在审核公开里）</legend><div class="choices choices--stack">${Object.entries(REASONS).map(
      ([value, label]) => html`<label class="choice"><input type="radio" name="reason" value=${value} required><span>${label}</span></label>`,
    )}</div></fieldset><p class="dialog-acts"><button class="btn btn--grave btn--small">不公开并写明原因</button></p>`));
}

function choose(name: string, label: string, id: string, options: { value: number | string; text: string }[]): TemplateResult {
  return html`<div class="field"><label for=${id}>${label}</label><select class="input" id=${id} name=${name} required><option value="">请选一个</option>${options.map((o) => html`<option value=${o.value}>${o.text}</option>`)}</select></div>`;
}

function merge(q: Question, pool: Question[]): unknown {
  const others = pool.filter((other) => other.question !== q.question);
  if (!others.length) return nothing;
  const options = others.map((other) => ({ value: other.question, text: `${other.number}号：${(other.text ?? "").slice(0, 30)}` }));
  return confirm("合并……", "并到相同的问题里", act("question.merge", { question: q.question }, html`<p class="soft small">支持的人数会加过去，提问的人会收到说明。</p>${choose("into", "并到", `into-${q.question}`, options)}<p class="dialog-acts"><button class="btn btn--small">合并</button></p>`), "m");
}

function transfer(q: Question): unknown {
  if (!bodies.length) return nothing;
  const options = bodies.map((body) => ({ value: body.id, text: body.name }));
  return confirm("转走……", "转给别的单位", act("question.transfer", { question: q.question }, html`${choose("body", "转给", `body-${q.question}`, options)}<p class="dialog-acts"><button class="btn btn--small">转过去</button></p>`));
}

function row(q: Question, mark: unknown, inside: unknown): TemplateResult {
  const here = q.question === on;
  return html`<li class="pick-q ${here ? "pick-q--on" : ""}" data-pick=${q.question} aria-current=${here ? "true" : "false"}><b>${mark}</b><div><p>${q.text}</p>${inside}</div></li>`;
}

function pendingRow(q: Question, pool: Question[]): TemplateResult {
  return row(q, "待审", html`<p class="q-meta"><span>${q.nickname ?? "未留称呼"}</span><span>${KINDS[q.kind]}</span><time datetime=${q.at}>${cntime(q.at)}</time></p>
    ${q.flags?.length ? html`<ul class="flags">${q.flags.map((f) => html`<li>${typeof f === "string" ? f : f.why}</li>`)}</ul>` : nothing}
    <div class="row">${act("question.publish", { question: q.question }, html`<button class="btn btn--small ${q.question === on ? "" : "btn--plain"}" data-key="p">公开</button>`)}${decline(q)}${merge(q, pool)}${transfer(q)}</div>`);
}

function poolRow(q: Question, pool: Question[]): TemplateResult {
  return row(q, q.number, html`<p class="q-meta"><span class="num">${q.supports}人支持</span><span>${q.nickname ?? "未留称呼"}</span><span>${KINDS[q.kind]}</span></p>
    <div class="row">${can.has("stage") ? act("question.stage", { question: q.question }, html`<button class="btn btn--small ${q.question === on ? "" : "btn--plain"}" data-key="s">请上场</button>`) : nothing}${can.has("moderate") ? merge(q, pool) : nothing}</div>`);
}

/** What happened, one line each, newest first. */
function note(at: string, text: string): void {
  log.unshift({ at, text });
  log.length = Math.min(log.length, 40);
  draw("log", log.map((line) => html`<li><time datetime=${line.at}>${line.at.endsWith("Z") ? nowHm() : hm(line.at)}</time><span>${line.text}</span></li>`));
}

function wordsOf(event: StreamEvent, state: Room): string | null {
  const body = event.body;
  const q = state.questions[String(body["question"])];
  const number = q?.number ? `${q.number}号` : "一个待审的";
  switch (event.kind) {
    case "question.published": return `${number}公开`;
    case "question.declined": return `${number}没有公开`;
    case "question.merged": return `${number}并入${String(body["into_number"] ?? "")}号`;
    case "question.staged": return `${number}上场`;
    case "question.unstaged": return `${number}放回去了`;
    case "question.answered": return `${number}已答（${String(body["speaker"] ?? body["body"] ?? "")}）`;
    case "question.deferred": return `${number}转会后答复`;
    case "question.refused": return `${number}依法不予答复，依据：${GROUNDS[body["ground"] as keyof typeof GROUNDS] ?? ""}`;
    case "question.withdrawn": return `${number}由提问人撤回`;
    case "interview.extended": return `延长到${hm(state.interview.limit_at ?? "")}`;
    case "interview.said": return `${String(body["speaker"] ?? "")}说了一句`;
    default: return null;
  }
}

function drawConnection(): void {
  if (room.state) tick(room.state.interview, link.now());
  drawLink(link, upTo, "没有送到的，会写在那一步旁边。");
}

// 键盘：只在没有写字、没有开对话框的时候听。不想用可以关掉。
const keys = byId("keys-box");
let listening = device.read<boolean>("keys") ?? true;
if (keys) {
  keys.hidden = false;
  const label = document.createElement("label");
  label.className = "choice choice--check";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = listening;
  box.addEventListener("change", () => device.write("keys", (listening = box.checked)));
  const words = document.createElement("span");
  words.textContent = "用这些键";
  label.append(box, words);
  keys.append(label);
}

function move(step: number): void {
  const rows = Array.from(document.querySelectorAll<HTMLElement>("[data-pick]"));
  const at = rows.findIndex((r) => Number(r.dataset["pick"]) === on);
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (!next || !room.state) return;
  on = Number(next.dataset["pick"]);
  drawAll(room.state);
  document.querySelector(`[data-pick="${on}"]`)?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.key === "Enter" && event.ctrlKey && target.id === "say") {
    target.closest("form")?.requestSubmit();
    return;
  }
  const writing = target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog");
  if (!listening || writing || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.toLowerCase();
  if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "?" || key === "？") {
    keys?.setAttribute("tabindex", "-1");
    keys?.focus();
    keys?.scrollIntoView({ block: "nearest" });
  } else if (key === "s" || key === "p" || key === "m")
    document.querySelector<HTMLElement>(`[data-pick="${on}"] [data-key="${key}"]`)?.click();
  else return;
  event.preventDefault();
});

setInterval(() => room.state && tick(room.state.interview, link.now()), 20_000);
