// The pieces of a live page; the same markup as the templates' macros.
import { html, nothing, render, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";
import { formToken, type Link } from "./link.js";
import type { Entry, Interview, Item, Question, Room } from "./store.js";
import { onScreen } from "./store.js";
import { FATES, GROUNDS, KINDS, ORIGINS, asker, cntime, hm, nowHm, paragraphs, stamp } from "./words.js";

export { html, nothing, render, repeat };
export type { TemplateResult };

export const byId = <T extends HTMLElement = HTMLElement>(id: string): T | null => document.getElementById(id) as T | null;

const taken = new WeakSet<HTMLElement>();

/** Draw into a place that the server filled; what it had drawn goes at the first time. */
export function draw(id: string, what: unknown): void {
  const place = byId(id);
  if (!place) return;
  if (!taken.has(place)) {
    place.replaceChildren();
    taken.add(place);
  }
  render(what, place);
}

export function write(id: string, text: string | number): void {
  const place = byId(id);
  if (place && place.textContent !== String(text)) place.textContent = String(text);
}

export function show(id: string, shown: boolean): void {
  const place = byId(id);
  if (place) place.hidden = !shown;
}

export const fate = (status: string, partial = false, answerGone = false): TemplateResult =>
  html`<span class="fate fate--${answerGone ? "removed" : status}">${
    answerGone ? "答复撤下了" : status === "refused" && partial ? "部分不予答复" : FATES[status] ?? status
  }</span>`;

export const empty = (title: string, text: string): TemplateResult => html`<div class="empty"><b>${title}</b>${text}</div>`;

/** The question on screen, inside the quotation marks; `more` stands under it. */
export function stage(room: Room, more: unknown = nothing): TemplateResult {
  const q = onScreen(room);
  if (!q) return empty("场上暂时没有问题", "主持人请上来的问题会出现在这里。");
  const draft = room.drafting?.[String(q.question)];
  const laid = Object.values(room.approving ?? {}).find((one) => one.question === q.question);
  return html`<section class="stage" aria-labelledby="stage-t">
    <p class="eyebrow">${fate("staged")}<span>${q.number}号</span><span class="num">${q.supports}人支持</span></p>
    <h2 class="stage-text" id="stage-t">${q.text}</h2>
    <p class="q-meta"><span>${asker(q)}</span><span>${KINDS[q.kind]}</span><time datetime=${q.at}>${cntime(q.at)}</time></p>
    ${draft ? html`<p class="drafting">${draft.writer}正在写答复，已写${draft.length}字</p>` : nothing}
    ${laid ? html`<p class="drafting">${laid.writer}的答复写好了，在等${laid.body}另一个人审定</p>` : nothing}${more}
  </section>`;
}

/** 第12条: every item can be pointed at. */
const place = (item: { no: number }): TemplateResult =>
  location.pathname.startsWith("/interviews/")
    ? html`<a class="item-no" href="${location.pathname}?at=n${item.no}#n${item.no}" data-copy>第${item.no}条<span class="item-link">链接到这条</span></a>`
    : html`<a class="item-no" href="#n${item.no}">第${item.no}条</a>`;

const gone = (what: string, because: string | null | undefined): TemplateResult => html`${what}已撤下。${because ? `原因：${because}` : nothing}`;

function spoken(item: { speaker: string | null; body: string | null; role: string }): string {
  const name = item.speaker ?? item.body ?? "";
  return item.role === "host" && !name.includes("主持人") ? `主持人 ${name}` : name;
}

const errata = (item: Item): unknown =>
  (item.errata ?? []).map((e) => html`<aside class="erratum" id="n${e.no}" aria-label="更正"><b>更正 <time datetime=${e.at}>${stamp(e.at)}</time>${place(e)}</b>${
    e.removed ? gone("这条更正", e.reason) : html`${e.text}<span class="erratum-by">${e.reason ? `更正的原因：${e.reason}。` : nothing}${spoken(e)}更正，原文保留在上面。</span>`
  }</aside>`);

const office = (): string => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

/** Its askers say often enough that nothing was solved. */
function again(q: Question): unknown {
  if (!q.reopened) return nothing;
  const [, month, day] = q.reopened.due.split("-").map(Number);
  return html`<span class="fate fate--staged">再次办理中</span><span>最迟<time datetime=${q.reopened.due}>${month}月${day}日</time>再答${q.reopened.due < office() ? "，已经逾期" : ""}</span>`;
}

/** Files and entries beside an answer. */
function attached(item: Item): unknown {
  if (!item.attached?.length) return nothing;
  return html`<aside class="erratum" aria-label="附件"><b>附件</b><ul>${item.attached.map((a) => html`<li><a href=${a.url}>${a.title}</a>${a.note ? html`<span class="small soft">${a.note}</span>` : nothing}</li>`)}</ul></aside>`;
}

/** What an answer promises; the day is the reader's, in the office's zone. */
function promise(item: Item): unknown {
  const p = item.promise;
  if (!p) return nothing;
  const [kind, words] = p.status === "kept" ? ["answered", "已办结"] : p.status === "cancelled" ? ["", "已取消"]
    : p.due < office() ? ["staged", "逾期"] : ["deferred", "在办"];
  const [year, month, day] = p.due.split("-").map(Number);
  return html`<aside class="erratum promise" aria-label="承诺"><b>承诺 <span class="fate ${kind ? `fate--${kind}` : ""}">${words}</span></b>${p.what}<span class="erratum-by"><time datetime=${p.due}>${year}年${month}月${day}日</time>以前办结${
    p.provisional ? "（按暂定日历数的工作日）" : ""}。${
    p.status === "kept" ? html`${p.done_at ? stamp(p.done_at) : ""}办结${p.done_no ? html`，见<a href="#n${p.done_no}">第${p.done_no}条</a>` : nothing}。`
      : p.status === "cancelled" ? `取消的原因：${p.reason}` : nothing}</span></aside>`;
}

function spokenBy(item: Item): TemplateResult {
  return html`<p class="answer-by"><b>${spoken(item)}</b><span>${item.speaker ? item.body ?? "" : ""}</span><span class="answer-kind">${
    item.origin ? html`<span class="origin origin--${item.origin}">${ORIGINS[item.origin]}</span>` : nothing
  }<time datetime=${item.at}>${item.origin === "after" ? stamp(item.at) : hm(item.at)}</time>${place(item)}</span></p>`;
}

function reply(item: Item, partial: boolean, followBy: string | null): TemplateResult {
  const id = `n${item.no}`;
  if (item.removed) return html`<div class="note gap-top" id=${id}><p>${gone(`第${item.no}条`, item.because)}</p>${errata(item)}</div>`;
  if (item.kind === "answer")
    return html`<div class="answer" id=${id}>${spokenBy(item)}<div class="answer-text">${paragraphs(item.text).map((p) => html`<p>${p}</p>`)}</div>${errata(item)}${promise(item)}${attached(item)}</div>`;
  if (item.kind === "refusal")
    return html`<div class="ground" id=${id}><b>${partial ? "不予答复的部分" : "不予答复的依据"}：${item.ground ? GROUNDS[item.ground] : ""}（第四条）</b>${paragraphs(item.text).map((p) => html`<p>${p}</p>`)}${spokenBy(item)}${errata(item)}</div>`;
  return html`<div class="note gap-top" id=${id}><p>${spoken(item)}说明：${item.text} <time datetime=${item.at}>${hm(item.at)}</time> ${place(item)}</p>${
    followBy ? html`<p>最迟${followBy}书面答复，登在这里。</p>` : nothing
  }${errata(item)}</div>`;
}

function entry(row: Entry, followBy: string | null): TemplateResult {
  if ("said" in row) {
    const item = row.said;
    return html`<div class="said" id="n${item.no}" tabindex="-1">${
      item.removed ? gone(`第${item.no}条`, item.because) : html`<b>${spoken(item)}</b>${item.text} ${item.origin === "supplement" ? html`<span class="origin origin--supplement">${ORIGINS["supplement"]}</span> ` : nothing}<time datetime=${item.at}>${hm(item.at)}</time> ${place(item)}`
    }${errata(item)}</div>`;
  }
  const { question: q, replies } = row;
  const partial = replies.some((item) => item.kind === "answer");
  return html`<article class="record" id="q${q.number}" tabindex="-1">
    <p class="record-no"><a href="#q${q.number}">${q.number}号<span class="vh">提问</span></a></p>
    <div class="record-in">
      <h3 class="record-q">${q.status === "removed" ? gone("这个提问", q.reason) : q.text}</h3>
      <p class="q-meta">${q.status === "removed" ? nothing : html`<span>${asker(q)}</span>`}<span>${KINDS[q.kind]}</span><span class="num">${q.supports}人支持</span>${fate(q.status, partial, q.status === "answered" && !replies.some((item) => item.kind === "answer" && !item.removed))}${again(q)}</p>
      ${replies.map((item) => reply(item, partial, q.status === "deferred" ? followBy : null))}
    </div>
  </article>`;
}

/** The big screen: the question on stage, and the newest answer to it or else of all. */
export function bigScreen(room: Room): unknown {
  const staged = onScreen(room);
  const answers = room.items.filter((item) => item.kind === "answer" && !item.removed).reverse();
  const item = answers.find((one) => one.question === staged?.question) ?? answers[0];
  if (!item) return stage(room);
  const q = room.questions[String(item.question)];
  return html`${staged ? stage(room) : nothing}<section class="latest" aria-label="最新的答复">${
    q === staged ? nothing : html`<p class="latest-q">${q?.number}号：${q?.text ?? "这个提问已撤下"}</p>`
  }${spokenBy(item)}<div class="answer-text">${paragraphs(item.text).map((p) => html`<p>${p}</p>`)}</div></section>`;
}

export const recordList = (rows: Entry[], followBy: string | null): unknown =>
  repeat(rows, (row) => ("said" in row ? `n${row.said.no}` : `q${row.question.question}`), (row) => entry(row, followBy));

export function questionRow(q: Question, pressed: boolean, narrow: boolean, back: string): TemplateResult {
  return html`<li class="q${narrow ? " q--narrow" : ""}" id="q${q.number}">
    <p class="q-no"><a href="#q${q.number}">${q.number}号<span class="vh">提问</span></a></p>
    <div class="q-body"><p class="q-text">${q.text}</p>
      <p class="q-meta"><span>${asker(q)}</span><span>${KINDS[q.kind]}</span><time datetime=${q.at}>${cntime(q.at)}</time></p></div>
    <form class="q-act" method="post" action="/questions/${q.question}/support" data-support=${q.question}>
      <input type="hidden" name="csrf" value=${formToken()}><input type="hidden" name="back" value=${back}><button class="support" aria-pressed=${pressed ? "true" : "false"}><span class="support-n">${q.supports}</span>${pressed ? "已支持" : "我也想问"}<span class="vh">：${q.number}号提问</span></button></form>
  </li>`;
}

/** How the connection is, in words. The changing numbers are kept from being read out each time. */
export function linkWords(link: Link, upTo: string, kept: string): TemplateResult {
  const numbers = html`<span aria-live="off">${link.viewers ? `${link.viewers}人在看，` : ""}更新到<time>${upTo}</time></span>`;
  switch (link.state) {
    case "connected":
      return html`<span>已连上。${numbers}</span>`;
    case "catching":
      return html`<span>正在补上漏掉的内容</span>`;
    case "polling":
      return html`<span>这里的网络每隔几秒才能看一次新内容。${numbers}</span>`;
    case "lost":
      return html`<span><b>断线了，正在重连</b>（刚才的内容不会丢）。<time>${upTo}</time>以后的，连上就补。${kept}</span>`;
    case "out":
      return html`<span><b>登录已经过期，或者您不再办这件事</b>。这一页停在<time>${upTo}</time>，请<a href=${`/login?next=${encodeURIComponent(location.pathname)}`} target="_blank">重新登录</a>，再回到这一页。</span>`;
    default:
      return html`<span>正在连接</span>`;
  }
}

export function drawLink(link: Link, upTo: string, kept: string): void {
  const place = byId("link");
  if (!place) return;
  draw("link", linkWords(link, upTo, kept));
  place.classList.toggle("link-state--lost", link.state === "lost" || link.state === "out");
  place.classList.toggle("link-state--catching", link.state === "catching" || link.state === "connecting");
}

/** The clock goes by minutes and hurries nobody. */
export function tick(interview: Interview, now: number): void {
  const clock = byId("clock");
  if (!clock || !interview.opened_at || !interview.limit_at) return;
  const start = Date.parse(interview.opened_at);
  const total = Math.round((Date.parse(interview.limit_at) - start) / 60_000);
  const elapsed = Math.max(0, Math.floor((now - start) / 60_000));
  const [first, second] = clock.querySelectorAll(".clock-line > *");
  if (first) first.textContent = elapsed > total ? `已到时，超出${elapsed - total}分钟` : `已进行${elapsed}分钟`;
  if (second?.textContent?.startsWith("还有")) second.textContent = `还有${Math.max(0, total - elapsed)}分钟`;
  else if (second) second.textContent = `${hm(interview.opened_at)}—${hm(interview.limit_at)}`;
  const bar = clock.querySelector("progress");
  if (bar) {
    bar.max = total;
    bar.value = Math.min(elapsed, total);
  }
}

export { nowHm };
