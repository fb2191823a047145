// What waiting questions are like, asked of the server for the cards that are looked at first: one measure, and it is there.
export interface Likely { question: number; number: number | null; text: string; words: string; can_merge: boolean }
export interface Alike { similar: Likely[]; entry: { index_no: string; title: string; url: string } | null }

/** As many cards as the server looks at in one go. */
const AT_ONCE = 20;
const PAUSE_MS = 600;
/** What changes who is like whom. */
const CHANGES = new Set(["question.submitted", "question.published", "question.merged", "question.withdrawn", "question.removed", "question.declined", "question.transferred", "question.appealed"]);

export class Alikes {
  private readonly known = new Map<number, Alike>();
  /** Those whose answer is from before the last change. */
  private stale = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private wanted: number[] = [];

  constructor(private readonly interview: number, private readonly drawn: () => void) {}

  of(question: number): Alike | undefined {
    return this.known.get(question);
  }

  /** Something happened; what is shown stays until the new answer is here. */
  happened(kinds: string[]): void {
    if (kinds.some((kind) => CHANGES.has(kind))) this.stale = new Set(this.known.keys());
  }

  /** The waiting questions in their order: the first of them are asked for where nothing fresh is known. */
  want(pending: number[]): void {
    const there = new Set(pending);
    for (const one of this.known.keys()) if (!there.has(one)) this.known.delete(one);
    this.wanted = pending.slice(0, AT_ONCE).filter((one) => !this.known.has(one) || this.stale.has(one));
    if (this.wanted.length) this.timer ??= setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    const asked = this.wanted;
    this.stale = new Set([...this.stale].filter((one) => !asked.includes(one)));
    const answer = await fetch(`/host/${this.interview}/similar?questions=${asked.join(",")}`).catch(() => null);
    const found = answer?.ok && !answer.redirected ? ((await answer.json().catch(() => ({}))) as Record<string, Alike>) : {};
    // One that got no answer is not asked for again and again: it comes with the next change.
    for (const one of asked) this.known.set(one, found[String(one)] ?? this.known.get(one) ?? { similar: [], entry: null });
    this.timer = null;
    this.drawn();
  }
}
