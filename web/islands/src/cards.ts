// The pieces of the console: a waiting question with all that can be done to it, and the forms behind it.
import type { Alike } from "./alikes.js";
import { formToken } from "./link.js";
import { html, nothing, type TemplateResult } from "./parts.js";
import type { Hand, Question } from "./store.js";
import { KINDS, cntime } from "./words.js";

export const REASONS = { unlawful: "违法", abuse: "辱骂、骚扰", advertising: "广告", personal_data: "满是别人的个人信息，隐去就看不懂", not_a_question: "不是提问" } as const;
const CLASSES: Record<string, string> = {
  emergency: "危急求助", personal_data: "个人信息", unlawful: "违法信息", abuse: "辱骂", advertising: "广告",
  petition: "信访举报", watch: "需留意", appeal: "申诉",
};

export interface Body { id: string; name: string }
type Flag = { kind: string; why: string };

/** A form that the link carries; without a script it would go to `/do/`. */
export function act(command: string, fields: Record<string, number>, inside: unknown): TemplateResult {
  return html`<form method="post" action="/do/${command}" data-command=${command}>
    <input type="hidden" name="csrf" value=${formToken()}><input type="hidden" name="back" value=${location.pathname}>
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name=${name} value=${value}>`)}
    ${inside}<p class="act-state" role="status"></p></form>`;
}

export const confirm = (summary: string, title: string, inside: unknown, key = ""): TemplateResult =>
  html`<details class="confirm confirm--light" data-dialog><summary data-key=${key}>${summary}</summary><div class="confirm-in"><h2>${title}</h2>${inside}</div></details>`;

export const reasonChoices = (): TemplateResult => html`<fieldset class="field"><legend>原因（会登在审核公开里），按<kbd>1</kbd>—<kbd>5</kbd>就办</legend><div class="choices choices--stack">${Object.entries(REASONS).map(
  ([value, label], at) => html`<label class="choice"><input type="radio" name="reason" value=${value} data-digit=${at + 1} required><span>${at + 1}．${label}</span></label>`,
)}</div></fieldset>`;

const decline = (q: Question): TemplateResult =>
  confirm("不公开……", "不公开这个提问", act("question.decline", { question: q.question }, html`<p class="soft small">只有这五种原因。归别的单位管的，请转走，不要不公开。</p>${reasonChoices()}<p class="dialog-acts"><button class="btn btn--grave btn--small">不公开并写明原因</button></p>`), "d");

function choose(name: string, label: string, id: string, options: { value: number | string; text: string }[]): TemplateResult {
  return html`<div class="field"><label for=${id}>${label}</label><select class="input" id=${id} name=${name} required><option value="">请选一个</option>${options.map((o) => html`<option value=${o.value}>${o.text}</option>`)}</select></div>`;
}

/** How many of a list the console draws: with 5,000 a card's list of all the others made the page grow by their square. */
export const SHOWN = 100;
const OFFERED = 60;

/** The sentence under a list that goes on. */
export const more = (count: number, rest: string): unknown => (count > SHOWN ? html`<li class="small soft">还有${count - SHOWN}个，${rest}</li>` : nothing);

export function merge(q: Question, pool: Question[]): unknown {
  const others = pool.filter((other) => other.question !== q.question).slice(0, OFFERED);
  if (!others.length) return nothing;
  const options = others.map((other) => ({ value: other.question, text: `${other.number}号：${(other.text ?? "").slice(0, 30)}` }));
  return confirm("合并……", "并到相同的问题里", act("question.merge", { question: q.question }, html`<p class="soft small">支持的人数会加过去，提问的人会收到说明。</p>${choose("into", "并到", `into-${q.question}`, options)}<p class="dialog-acts"><button class="btn btn--small">合并</button></p>`), "m");
}

function transfer(q: Question, bodies: Body[]): unknown {
  if (!bodies.length) return nothing;
  const options = bodies.map((body) => ({ value: body.id, text: body.name }));
  return confirm("转走……", "转给别的单位", act("question.transfer", { question: q.question }, html`<p class="soft small">由那个单位书面答复，提问的人会收到说明。</p>${choose("body", "转给", `body-${q.question}`, options)}<p class="dialog-acts"><button class="btn btn--small">转过去</button></p>`), "t");
}

const edit = (q: Question): TemplateResult =>
  confirm("改文字再公开……", "改好文字再公开", act("question.publish", { question: q.question }, html`<p class="soft small">只隐去个人信息和不该公开的话，意思不能改。</p><div class="field"><label for="text-${q.question}">公开的文字</label><textarea class="input" id="text-${q.question}" name="text" rows="5" required .defaultValue=${q.text ?? ""}></textarea></div><p class="dialog-acts"><button class="btn btn--small">照这样公开</button></p>`), "e");

export function flags(q: Question): unknown {
  if (!q.flags?.length) return nothing;
  const told = new Map((q.flags as (string | Flag)[]).map((f) => (typeof f === "string" ? [f, { kind: "watch", why: f }] : [f.kind + f.why, f])));
  return html`<ul class="flags">${[...told.values()].map((f) => html`<li class="flag--${f.kind}"><b>${CLASSES[f.kind] ?? "需留意"}</b>${f.why}</li>`)}</ul>`;
}

/** How long something has waited, in the largest unit that says something. */
export function waited(since: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes < 60) return minutes ? `等了${minutes}分钟` : "刚到";
  return minutes < 2880 ? `等了${Math.floor(minutes / 60)}小时` : `等了${Math.floor(minutes / 1440)}天`;
}

/** What a card is drawn from beside its question. */
export interface CardSight {
  on: boolean;
  selected: boolean;
  hand: Hand | null;
  me: string;
  now: number;
  /** What it is like, once the server has said so. */
  alike: Alike | undefined;
  pool: Question[];
  bodies: Body[];
  select: (question: number, yes: boolean) => void;
  over: (question: number) => void;
}

function hands(q: Question, sight: CardSight): unknown {
  const hand = sight.hand;
  if (!hand) return nothing;
  const left = Math.ceil((Date.parse(hand.until) - sight.now) / 1000);
  if (hand.publishing)
    return html`<div class="hands"><p>${left > 0 ? html`${left}秒后公开` : "正在公开"}${hand.by === sight.me ? "" : `（${hand.by}）`}</p>${act("question.hold", { question: q.question }, html`<button class="btn btn--plain btn--small" data-key="u">撤回公开</button>`)}</div>`;
  if (left <= 0) return nothing;
  if (hand.by === sight.me) return html`<p class="hands hands--mine">您正在处理，别人看得到</p>`;
  return html`<div class="hands"><p>${hand.by}正在处理</p><button type="button" class="btn btn--plain btn--small" @click=${() => sight.over(q.question)}>接手</button></div>`;
}

function alikeOf(q: Question, alike: Alike | undefined): unknown {
  if (!alike) return nothing;
  return html`${alike.similar.map((p) => html`<div class="alike"><p><b>${p.words}${p.number ? `${p.number}号` : "还在等审核的一个"}</b>${p.text}</p>${
    p.can_merge ? act("question.merge", { question: q.question, into: p.question }, html`<button class="btn btn--plain btn--small">并进${p.number}号</button>`) : nothing
  }</div>`)}${alike.entry ? html`<p class="alike"><span><b>目录里可能已有答案</b><a href=${alike.entry.url}>${alike.entry.title}</a>（${alike.entry.index_no}）</span></p>` : nothing}`;
}

export function card(q: Question, sight: CardSight): TemplateResult {
  const theirs = sight.hand && !sight.hand.publishing && sight.hand.by !== sight.me && Date.parse(sight.hand.until) > sight.now;
  return html`<li class="card ${sight.on ? "card--on" : ""} ${theirs ? "card--theirs" : ""}" data-pick=${q.question} tabindex="-1" aria-current=${sight.on ? "true" : "false"}>
    <div class="card-head">
      <label class="choice choice--check card-pick"><input type="checkbox" name="question" value=${q.question} form="several" .checked=${sight.selected} @change=${(e: Event) => sight.select(q.question, (e.target as HTMLInputElement).checked)}><span>选</span></label>
      <p class="q-meta"><b>${waited(q.at, sight.now)}</b><span>${q.nickname ?? "未留称呼"}</span><span>${KINDS[q.kind]}</span><time datetime=${q.at}>${cntime(q.at)}</time></p>
    </div>
    <p class="card-text">${q.text}</p>
    ${flags(q)}${hands(q, sight)}
    ${sight.hand?.publishing ? nothing : alikeOf(q, sight.alike)}
    <div class="row card-acts">
      ${sight.hand?.publishing ? nothing : html`${act("question.publish", { question: q.question }, html`<button class="btn btn--small ${sight.on ? "" : "btn--plain"}" data-key="p">公开</button>`)}
      ${decline(q)}${edit(q)}${merge(q, sight.pool)}${transfer(q, sight.bodies)}`}
      <a class="link-btn small" href="${location.pathname}/original/${q.question}" data-original>看原文</a>
    </div></li>`;
}
