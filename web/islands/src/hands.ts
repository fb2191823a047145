// Whose hands a waiting question is in: resting on a card takes it, leaving it lays it down.
import { formToken, type Link } from "./link.js";

/** Somebody who only passes by takes nothing. */
const REST_MS = 400;
/** The server's claim lasts two minutes. */
const AGAIN_MS = 50_000;
/** Whoever has not touched the page for so long does not hold anything any more. */
const IDLE_MS = 180_000;

export class Hands {
  private wanted: number | null = null;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private touched = Date.now();

  constructor(private readonly link: Link, private readonly isMine: (question: number) => boolean) {
    for (const sign of ["pointerdown", "keydown", "scroll"]) addEventListener(sign, () => (this.touched = Date.now()), { passive: true });
    addEventListener("pagehide", () => this.leave());
    setInterval(() => this.keep(), AGAIN_MS);
  }

  /** The cursor rests on a card, or on none. */
  rest(question: number | null): void {
    if (question === this.wanted) return;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => void this.take(question), REST_MS);
  }

  /** Take it now; `over` takes it out of somebody else's hands. */
  async take(question: number | null, over = false): Promise<void> {
    clearTimeout(this.resting);
    const before = this.wanted;
    this.wanted = question;
    if (before !== null && before !== question && this.isMine(before)) void this.link.send("question.release", { question: before });
    if (question !== null) await this.link.send("question.claim", over ? { question, over } : { question });
  }

  /** It was decided: there is nothing to lay down. */
  done(question: number): void {
    if (this.wanted === question) this.wanted = null;
  }

  private keep(): void {
    if (this.wanted === null || !this.isMine(this.wanted)) return;
    if (Date.now() - this.touched > IDLE_MS) void this.take(null);
    else void this.link.send("question.claim", { question: this.wanted });
  }

  /** A page that goes has no time for the socket. */
  private leave(): void {
    if (this.wanted === null || !this.isMine(this.wanted)) return;
    const form = new FormData();
    form.set("csrf", formToken());
    form.set("question", String(this.wanted));
    form.set("back", location.pathname);
    navigator.sendBeacon("/do/question.release", form);
  }
}
