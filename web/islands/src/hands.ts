// Whose hands a waiting question is in: resting on a card takes it, leaving it lays it down.
import { formToken } from "./device.js";
import type { Link } from "./link.js";

/** Somebody who only passes by takes nothing. */
const REST_MS = 400;
/** The server's claim lasts two minutes. */
const AGAIN_MS = 50_000;
/** Whoever has not touched the page for so long does not hold anything any more. */
const IDLE_MS = 180_000;

export class Hands {
  private wanted: number | null = null;
  /** What was sent last: a question is laid down only after it was taken, whatever the two take on their way. */
  private sent: Promise<unknown> = Promise.resolve();
  private resting: ReturnType<typeof setTimeout> | undefined;
  private touched = Date.now();

  constructor(private readonly link: Link, private readonly isMine: (question: number) => boolean) {
    for (const sign of ["pointerdown", "keydown", "scroll"]) addEventListener(sign, () => (this.touched = Date.now()), { passive: true });
    addEventListener("pagehide", () => this.leave());
    setInterval(() => this.keep(), AGAIN_MS);
  }

  /** The cursor rests on a card, or on none. */
  rest(question: number | null): void {
    clearTimeout(this.resting);
    if (question === this.wanted) return;
    this.resting = setTimeout(() => void this.take(question), REST_MS);
  }

  /** Take it now; `over` takes it out of somebody else's hands. */
  async take(question: number | null, over = false): Promise<void> {
    clearTimeout(this.resting);
    const before = this.wanted;
    this.wanted = question;
    if (before !== null && before !== question) void this.send("question.release", { question: before });
    if (question !== null) await this.send("question.claim", over ? { question, over } : { question });
  }

  /** It was decided: there is nothing to lay down. */
  done(question: number): void {
    if (this.wanted === question) this.wanted = null;
  }

  private keep(): void {
    if (this.wanted === null || !this.isMine(this.wanted)) return;
    if (Date.now() - this.touched > IDLE_MS) void this.take(null);
    else void this.send("question.claim", { question: this.wanted });
  }

  private send(command: string, fields: object): Promise<unknown> {
    this.sent = this.sent.then(() => this.link.send(command, fields));
    return this.sent;
  }

  /**
   * A page that goes has no time for the socket. It lays down what it asked for, whether or not it has heard that it got
   * it: others may have been told before it was. The server lays down nothing that somebody else holds.
   */
  private leave(): void {
    if (this.wanted === null) return;
    const form = new FormData();
    form.set("csrf", formToken());
    form.set("question", String(this.wanted));
    form.set("back", location.pathname);
    navigator.sendBeacon("/do/question.release", form);
  }
}
