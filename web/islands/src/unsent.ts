// What did not reach the server: said at the top of the page until it is sent again or let go. Nothing is repeated by itself.
import { OFFLINE, UNKNOWN, type Failure, type Link } from "./link.js";
import { draw, html, nothing, nowHm } from "./parts.js";

interface Unsent { at: string; words: string; command: string; fields: Record<string, unknown>; state: string }

export class UnsentActs {
  private list: Unsent[] = [];

  constructor(private readonly link: () => Link) {}

  /** Keep an act if it is the line that failed; a refusal was said where it was pressed. */
  keep(command: string, fields: Record<string, unknown>, error: Failure, words: string): void {
    if (error.code !== OFFLINE.code && error.code !== UNKNOWN.code) return;
    const state = error.code === UNKNOWN.code ? "不知道送到没有，请先看一眼再送" : "没有送到";
    const same = JSON.stringify([command, fields]);
    this.list = this.list.filter((one) => JSON.stringify([one.command, one.fields]) !== same);
    this.list.push({ at: nowHm(), words, command, fields, state });
    this.draw();
  }

  private async again(one: Unsent): Promise<void> {
    one.state = "正在送";
    this.draw();
    const answer = await this.link().send(one.command, one.fields);
    if (answer.ok) this.drop(one);
    else one.state = answer.error.message;
    this.draw();
  }

  private drop(one: Unsent): void {
    this.list = this.list.filter((other) => other !== one);
    this.draw();
  }

  private draw(): void {
    draw("unsent", this.list.length ? html`<div class="note note--bad"><h2>有${this.list.length}步没有送到</h2><ul>${this.list.map((one) => html`<li>
      <span><time>${one.at}</time> ${one.words}：${one.state}</span>
      <button type="button" class="btn btn--plain btn--small" @click=${() => void this.again(one)}>再送一次</button>
      <button type="button" class="link-btn small" @click=${() => this.drop(one)}>不送了</button></li>`)}</ul></div>` : nothing);
  }
}
