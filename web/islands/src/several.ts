// Several waiting questions decided at once; what came of each is said, one by one.
import { REASONS, reasonChoices } from "./cards.js";
import { showDialog } from "./acts.js";
import type { Link } from "./link.js";
import { byId, draw, html, nothing, render, write } from "./parts.js";
import type { Room } from "./store.js";

export class Several {
  readonly chosen = new Set<number>();

  constructor(private readonly link: Link, private readonly room: () => Room | null, private readonly redraw: () => void) {
    byId("several")?.addEventListener("submit", (event) => {
      event.preventDefault();
      const how = ((event as SubmitEvent).submitter as HTMLButtonElement | null)?.value;
      if (!this.chosen.size) write("several-n", "还没有选。请先在要办的前面打勾。");
      else if (how === "decline") void this.go("question.decline", byId<HTMLSelectElement>("several-why")!.value);
      else void this.go("question.publish");
    });
  }

  select(question: number, yes: boolean): void {
    if (yes) this.chosen.add(question);
    else this.chosen.delete(question);
    this.redraw();
  }

  /** What was decided meanwhile, by whomever, is not chosen any more. */
  draw(waiting: Set<number>): void {
    for (const question of this.chosen) if (!waiting.has(question)) this.chosen.delete(question);
    const place = byId("several");
    if (!place) return;
    place.classList.toggle("several--some", this.chosen.size > 0);
    write("several-n", this.chosen.size ? `选了${this.chosen.size}个，一起办` : "选了的一起办");
  }

  /** One reason for all that are chosen, asked for once. */
  askReason(): void {
    const inside = document.createElement("div");
    render(html`<h2>不公开这${this.chosen.size}个提问</h2><form method="dialog">${reasonChoices()}<p class="dialog-acts"><button class="btn btn--grave btn--small">都不公开并写明原因</button></p></form>`, inside);
    const dialog = showDialog(inside, "先不办");
    inside.querySelector("form")!.addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = new FormData(event.target as HTMLFormElement).get("reason");
      dialog.close();
      if (typeof reason === "string" && reason in REASONS) void this.go("question.decline", reason);
    });
  }

  async go(command: string, reason?: string): Promise<void> {
    const questions = [...this.chosen];
    const results: string[] = [];
    for (const question of questions) {
      results.push(await this.one(command, question, reason));
      this.say(results, questions.length);
    }
    this.redraw();
  }

  private async one(command: string, question: number, reason?: string): Promise<string> {
    const text = this.room()?.questions[String(question)]?.text ?? "一个提问";
    const start = `“${text.length > 16 ? `${text.slice(0, 16)}……` : text}”`;
    const answer = await this.link.send<{ number: number | null }>(command, reason ? { question, reason } : { question });
    if (!answer.ok) return `${start}没有办成：${answer.error.message}`;
    this.chosen.delete(question);
    if (reason) return `${start}不公开了，原因登在审核公开里。`;
    return answer.result.number ? `${start}公开了，编为${answer.result.number}号。` : `${start}过几秒公开，现在还能撤回。`;
  }

  private say(results: string[], of: number): void {
    const away = (): void => draw("results", nothing);
    draw("results", html`<div class="note gap-top"><h2>${results.length < of ? `正在办，办了${results.length}个，共${of}个` : `${of}个都办过了`}</h2><ul>${results.map((one) => html`<li>${one}</li>`)}</ul><button type="button" class="link-btn small" @click=${away}>知道了</button></div>`);
  }
}
