// The host's line-up of the coming questions: by buttons, by keys, by dragging. The server's order is the order.
import { act } from "./cards.js";
import { html, nothing, type TemplateResult } from "./parts.js";
import type { Question } from "./store.js";

export class LineUp {
  private dragged: number | null = null;

  /** `send` is given the whole order that is wanted. */
  constructor(private readonly send: (order: number[]) => void, private readonly order: () => number[]) {}

  has(question: number): boolean {
    return this.order().includes(question);
  }

  put(question: number): void {
    this.send([...this.order().filter((one) => one !== question), question]);
  }

  out(question: number): void {
    this.send(this.order().filter((one) => one !== question));
  }

  shift(question: number, by: -1 | 1): void {
    const order = this.order();
    const to = order.indexOf(question) + by;
    if (to < 0 || to >= order.length || !order.includes(question)) return;
    const rest = order.filter((one) => one !== question);
    this.send([...rest.slice(0, to), question, ...rest.slice(to)]);
  }

  /** Before the one it was let go over; at the end where that was the rest of the list. */
  private drop(before: number | null): void {
    const moved = this.dragged;
    this.dragged = null;
    if (moved === null || moved === before) return;
    const rest = this.order().filter((one) => one !== moved);
    const at = before === null ? rest.length : rest.indexOf(before);
    this.send([...rest.slice(0, at), moved, ...rest.slice(at)]);
  }

  readonly drag = (event: DragEvent): void => {
    this.dragged = Number((event.currentTarget as HTMLElement).dataset["pick"]);
    event.dataTransfer?.setData("text/plain", String(this.dragged));
  };

  readonly over = (event: DragEvent): void => {
    if (this.dragged === null) return;
    event.preventDefault();
    (event.target as Element).closest(".pick-q")?.classList.add("pick-q--over");
  };

  readonly leave = (event: DragEvent): void => (event.target as Element).closest(".pick-q")?.classList.remove("pick-q--over");

  readonly let = (event: DragEvent): void => {
    event.preventDefault();
    document.querySelectorAll(".pick-q--over").forEach((row) => row.classList.remove("pick-q--over"));
    const row = (event.target as Element).closest<HTMLElement>("#lineup .pick-q");
    this.drop(row ? Number(row.dataset["pick"]) : null);
  };

  row(q: Question, at: number, of: number, sight: { on: boolean; stage: boolean; order: boolean }): TemplateResult {
    const press = (words: string, how: () => void): TemplateResult => html`<button type="button" class="link-btn small" @click=${how}>${words}<span class="vh">：${q.number}号</span></button>`;
    return html`<li class="pick-q ${sight.on ? "pick-q--on" : ""} ${sight.order ? "pick-q--drag" : ""}" data-pick=${q.question} tabindex="-1" draggable=${sight.order ? "true" : "false"} @dragstart=${this.drag} aria-current=${sight.on ? "true" : "false"}><b>${q.number}</b><div><p>${q.text}</p>
      <p class="q-meta"><span class="num">${q.supports}人支持</span><span>${q.nickname ?? "未留称呼"}</span></p>
      <div class="row">${sight.stage ? act("question.stage", { question: q.question }, html`<button class="btn btn--small ${at ? "btn--plain" : ""}" data-key="s">请上场</button>`) : nothing}${
        sight.order ? html`${at ? press("往前", () => this.shift(q.question, -1)) : nothing}${at < of - 1 ? press("往后", () => this.shift(q.question, 1)) : nothing}${press("不排了", () => this.out(q.question))}` : nothing
      }</div></div></li>`;
  }
}
