// One stream followed without a hole: what is already here is dropped by its number, what skips a number waits
// until the backlog has brought the missing ones.
import { apply, type State, type StreamEvent } from "./store.js";

export interface Backlog {
  head: number;
  events?: StreamEvent[];
  reset?: boolean;
  snapshot?: State;
}

/** After a backlog that could not be read: this long, and up to as long again by chance, until it is read again. */
const AGAIN_MS = 2_000;

export type Fetch = (stream: string, after: number | null) => Promise<Backlog>;

export class Feed<S extends State = State> {
  state: S | null = null;
  /** The number of the last event that is in the state. */
  seq = 0;
  private early = new Map<number, StreamEvent>();
  private mending: Promise<void> | null = null;

  constructor(
    readonly stream: string,
    private readonly fetch: Fetch,
    private readonly changed: (feed: Feed<S>, events: StreamEvent[], fresh: boolean) => void,
  ) {}

  /** The number to ask after; null while there is no state. */
  get after(): number | null {
    return this.state ? this.seq : null;
  }

  /** What `watch` or the backlog answered. */
  take(found: Backlog): void {
    if (found.reset && found.snapshot) {
      if (this.state && found.head < this.seq) this.early.clear();
      this.state = found.snapshot as S;
      this.seq = found.head;
      this.changed(this, [], true);
      this.drain();
      return;
    }
    for (const event of found.events ?? []) this.keep(event);
    this.drain();
    if (this.seq < found.head) this.mendSoon();
  }

  /** One event as it comes over the wire. */
  hear(event: StreamEvent): void {
    this.keep(event);
    this.drain();
    if (this.early.size) this.mendSoon();
  }

  /** Fetch the backlog until nothing is missing. */
  mend(): Promise<void> {
    this.mending ??= this.catchUp().finally(() => {
      this.mending = null;
    });
    return this.mending;
  }

  /** A gap is not forgotten because the backlog could not be had at once. */
  private mendSoon(): void {
    this.mend().catch(() => setTimeout(() => this.mendSoon(), AGAIN_MS * (1 + Math.random())));
  }

  private async catchUp(): Promise<void> {
    let after = this.after;
    for (;;) {
      const from = this.seq;
      const found = await this.fetch(this.stream, after);
      if (found.reset && found.snapshot) {
        this.state = found.snapshot as S;
        this.seq = found.head;
        this.changed(this, [], true);
      }
      for (const event of found.events ?? []) this.keep(event);
      this.drain();
      if (this.seq >= found.head && !this.early.size) return;
      if (this.seq > from) after = this.after;
      // Nothing came although something is missing: ask for the whole, once, rather than turn in a circle.
      else if (after === null) return;
      else after = null;
    }
  }

  private keep(event: StreamEvent): void {
    if (!this.state || event.seq > this.seq) this.early.set(event.seq, event);
  }

  private drain(): void {
    if (!this.state) return;
    const applied: StreamEvent[] = [];
    for (const seq of [...this.early.keys()]) if (seq <= this.seq) this.early.delete(seq);
    for (let next = this.early.get(this.seq + 1); next; next = this.early.get(this.seq + 1)) {
      this.early.delete(next.seq);
      this.state = apply(this.state, next);
      this.seq = next.seq;
      applied.push(next);
    }
    if (applied.length) this.changed(this, applied, false);
  }
}
