// What did not reach the server: said at the top of the page until it is sent again or let go, over reloads of this tab
// too. Nothing is repeated by itself.
import type { Act } from "./carried.js";
import { device, tab } from "./device.js";
import { OFFLINE, UNKNOWN, type Failure, type Link } from "./link.js";
import { draw, html, nothing, nowHm } from "./parts.js";

interface Unsent extends Act { at: string; words: string; state: string; sending?: boolean }
/** In whose login it was pressed, and when it was kept: what is older than a logout in any tab is nobody's. */
interface Kept { login: string; at: number; list: Unsent[] }

const NOT_SENT = "没有送到";
const NOT_KNOWN = "不知道送到没有，请先看一眼再送";
/** When somebody last signed out in this browser (elder.ts). */
export const LEFT = "left";

/** Of a whole line-up the newest counts, whatever it came from. */
const same = (one: Act, other: Act): boolean =>
  one.command === other.command && (one.command === "question.order" || JSON.stringify(one.fields) === JSON.stringify(other.fields));

export class UnsentActs {
  private list: Unsent[] = [];

  /** `over` is told of each act that was sent after all (with its result), or let go. */
  constructor(
    private readonly link: () => Link,
    private readonly key: string,
    private readonly login: string,
    private readonly over: (act: Act, result: Record<string, unknown> | null) => void,
  ) {
    this.list = this.read();
    this.draw();
    addEventListener("storage", (event) => event.key?.endsWith(`.${LEFT}`) && this.put([]));
  }

  /** Keep an act if it is the line that failed; a refusal was said where it was pressed. */
  keep(command: string, fields: Record<string, unknown>, error: Failure, words: string): void {
    if (error.code !== OFFLINE.code && error.code !== UNKNOWN.code) return;
    const act = { command, fields };
    const state = error.code === UNKNOWN.code ? NOT_KNOWN : NOT_SENT;
    this.put([...this.list.filter((one) => !same(one, act)), { ...act, at: nowHm(), words, state }]);
  }

  /** The same act arrived by another press. */
  arrived(command: string, fields: Record<string, unknown>): void {
    if (this.list.some((one) => same(one, { command, fields }))) this.put(this.list.filter((one) => !same(one, { command, fields })));
  }

  /** What happened without another press, or by somebody else, is sent no more. */
  settle(carriedOut: (act: Act) => boolean): void {
    if (this.list.some((one) => !one.sending && carriedOut(one))) this.put(this.list.filter((one) => one.sending || !carriedOut(one)));
  }

  /** What waits under a command of which only one can wait. */
  of(command: string): Record<string, unknown> | null {
    return this.list.find((one) => one.command === command)?.fields ?? null;
  }

  private async again(one: Unsent): Promise<void> {
    if (one.sending) return;
    one.sending = true;
    one.state = "正在送";
    this.put(this.list);
    const answer = await this.link().send(one.command, one.fields);
    one.sending = false;
    if (answer.ok) this.drop(one, answer.result);
    else {
      one.state = answer.error.code === OFFLINE.code ? NOT_SENT : answer.error.code === UNKNOWN.code ? NOT_KNOWN : answer.error.message;
      this.put(this.list);
    }
  }

  private drop(one: Unsent, result: Record<string, unknown> | null): void {
    this.put(this.list.filter((other) => other !== one));
    this.over(one, result);
  }

  private read(): Unsent[] {
    try {
      const kept = JSON.parse(tab.read(this.key) ?? "null") as Kept | null;
      if (!kept || kept.login !== this.login || kept.at <= (device.read<number>(LEFT) ?? 0)) return [];
      // The page went while it was on its way: whether it arrived was not heard.
      return kept.list.map((one) => ({ ...one, sending: false, state: one.sending ? NOT_KNOWN : one.state }));
    } catch {
      return [];
    }
  }

  private put(list: Unsent[]): void {
    this.list = list;
    const kept: Kept = { login: this.login, at: Date.now(), list };
    tab.write(this.key, list.length ? JSON.stringify(kept) : null);
    this.draw();
  }

  private draw(): void {
    draw("unsent", this.list.length ? html`<div class="note note--bad"><h2>有${this.list.length}步没有送到</h2><ul>${this.list.map((one) => html`<li>
      <span><time>${one.at}</time> ${one.words}：${one.state}</span>
      <button type="button" class="btn btn--plain btn--small" ?disabled=${one.sending === true} @click=${() => void this.again(one)}>再送一次</button>
      <button type="button" class="link-btn small" ?disabled=${one.sending === true} @click=${() => this.drop(one, null)}>不送了</button></li>`)}</ul></div>` : nothing);
  }
}
