// A citizen's question on its way: drawn at once, kept on the device until the server has it, sent again under the
// same client_id, and never called sent before the server said so. One that was refused stays, with the reason.
import { device, formToken, UNKNOWN, OFFLINE, type Answer, type Failure, type Link } from "./link.js";
import { hideRestored, recent, tellRestored } from "./drafts.js";
import { byId } from "./parts.js";
import { LENGTH_LIMIT, newClientId, points } from "./words.js";

/** Something written here that the server does not have; each under a key of its own, so that two tabs lose nothing. */
export interface Unsent {
  sent: { interview: number; text: string; kind: string; client_id: string; nickname?: string; contact?: string };
  /** When it was written, for the order. */
  at: number;
  /** The newest question of one's own known then. */
  after?: number;
  /** Why the server did not take it. */
  refused?: string;
  /** It was still being written when the interview ended, and never sent. */
  left?: boolean;
}

interface Accepted { question: number; receipt: string; number: number | null; status: string }
interface Draft { text: string; kind: string; nickname: string; at?: number }

const AGAIN_MS = 5_000;
/** Whether the server got it is not known, or it could not do it just now: the same again, later. */
const PASSING = new Set([UNKNOWN.code, OFFLINE.code, "internal", "database.busy"]);

export class Composer {
  unsent: Unsent[];
  /** Whether this device lets us keep what waits. */
  kept = true;
  private readonly form: HTMLFormElement | null = byId<HTMLFormElement>("ask");
  private readonly area = this.form?.querySelector<HTMLTextAreaElement>('textarea[name="text"]') ?? null;
  private sending = false;
  private notBefore = 0;
  private closed = false;

  constructor(
    private readonly interview: number,
    private readonly link: Link,
    private readonly identify: Identify,
    private readonly drawn: () => void,
    private readonly accepted: (question: number) => void,
    private readonly newest: () => number,
    over: boolean,
  ) {
    const found = device.keys(`unsent.${interview}.`).map((key) => device.read<Unsent>(key)).filter((one) => one?.sent);
    this.unsent = (found as Unsent[]).sort((a, b) => a.at - b.at);
    setInterval(() => void this.send(), AGAIN_MS);
    if (over) this.takeLeft();
    if (!this.form || !this.area) return;
    if (!this.area.value) this.restore();
    this.form.addEventListener("input", () => this.keepDraft());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  /** What is still on its way; the refused ones wait for their writer, not for the line. */
  get waiting(): Unsent[] {
    return this.unsent.filter((one) => one.refused === undefined);
  }

  /** Try what waits, one after the other. */
  async send(): Promise<void> {
    if (this.sending || !this.waiting.length || Date.now() < this.notBefore) return;
    this.sending = true;
    let trouble: string | null = null;
    try {
      for (let next = this.waiting[0]; next && trouble === null; next = this.waiting[0]) trouble = await this.sendOne(next);
    } catch {
      // No identity because the server is out of reach: the next round tries again.
      trouble = "";
    } finally {
      this.sending = false;
    }
    if (trouble !== null && this.waiting.length) this.tell(trouble || this.stillHere, trouble ? "note note--warn" : "");
    this.drawn();
  }

  /** Take a refused question back into the form, to write it differently; or, without the form, let it go. */
  take(one: Unsent, again: boolean): void {
    if (again && this.area?.value.trim()) {
      this.tell("上面还有没交的字。先把它交了，或者删掉，再改这一个。", "note note--warn");
      this.area.focus();
      return;
    }
    this.drop(one);
    if (again) {
      this.fill({ text: one.sent.text, kind: one.sent.kind, nickname: one.sent.nickname ?? "" });
      this.keepDraft();
      this.area?.focus();
    }
    this.drawn();
  }

  /** Whether a question can still be written here. */
  get open(): boolean {
    return this.form !== null && !this.closed;
  }

  /** The interview is over: nothing is taken in any more, and what stands in the form stays, here and on the device. */
  close(): void {
    if (!this.form || !this.area || this.closed) return;
    this.closed = true;
    this.keepDraft();
    this.area.readOnly = true;
    const left = this.area.value.trim() !== "";
    const field = this.area.closest(".field");
    for (const part of this.form.children) if (part.tagName !== "H2" && part.id !== "send-state" && !(left && part === field)) (part as HTMLElement).hidden = true;
    const heading = this.form.querySelector("h2");
    if (heading) heading.textContent = "这里不再收提问";
    field?.querySelector(".hint")?.remove();
    field?.classList.add("gap-top");
    if (left) field!.querySelector("label")!.textContent = "您写了没有交的，存在这台设备上";
    if (!this.waiting.length) this.tell("", "");
    this.tellWhere();
  }

  private tellWhere(): void {
    const place = document.createElement("p");
    const line = (text: string, href: string): HTMLAnchorElement => Object.assign(document.createElement("a"), { textContent: text, href });
    place.append("访谈结束了。没有答的，会后书面答复。还想问的，可以", line("问机器人", "/faq"), "，或者到", line("还在收提问的访谈", "/interviews"), "去提。");
    this.form!.querySelector("h2")!.after(place);
  }

  /** What was being written when the interview ended has no form to go back into: it stands among one's own. */
  private takeLeft(): void {
    const draft = device.read<Draft>(this.draft);
    device.write(this.draft, null);
    if (!draft?.text.trim() || !recent(draft.at)) return;
    const sent = { interview: this.interview, text: draft.text, kind: draft.kind, client_id: newClientId() };
    const one: Unsent = { sent, at: draft.at ?? Date.now(), refused: "访谈结束了", left: true };
    this.unsent.push(one);
    this.keep(one);
  }

  get stillHere(): string {
    return this.kept ? "还没有送到。写好的存在这台设备上，连上后自动补交，不会交成两份。" : "还没有送到，正在重试。请先不要关闭页面。";
  }

  /** One attempt; null when it is settled one way or the other, else why it is not (empty: no word from the server). */
  private async sendOne(one: Unsent): Promise<string | null> {
    await this.identify();
    let answer = await this.ask(one);
    if (!answer.ok && answer.error.code === "visitor.missing") {
      await this.identify(true);
      answer = await this.ask(one);
    }
    if (!answer.ok && answer.error.code === "pace" && (await this.proved())) answer = await this.ask(one);
    if (!answer.ok && PASSING.has(answer.error.code)) return "";
    if (!answer.ok && answer.error.retry_after) {
      this.notBefore = Date.now() + answer.error.retry_after * 1000;
      return `${answer.error.message}到时自动补交。`;
    }
    this.settle(one, answer);
    return null;
  }

  private ask(one: Unsent): Promise<Answer<Accepted>> {
    return this.link.send<Accepted>("question.submit", one.sent);
  }

  /** Whoever sends a lot lets the device do a small sum; whether it did. */
  private async proved(): Promise<boolean> {
    this.tell("正在做一个小验证，做完自动补交。", "");
    return import("./proof.js").then((found) => found.prove()).catch(() => false);
  }

  private submit(): void {
    if (!this.form || !this.area) return;
    const typed = new FormData(this.form);
    const text = this.area.value;
    const trouble = !text.trim() ? "请写下您的问题。" : points(text) > LENGTH_LIMIT ? `最多${LENGTH_LIMIT}个字，现在是${points(text)}个，请删短一些。` : "";
    this.area.setAttribute("aria-invalid", String(Boolean(trouble)));
    if (trouble) {
      this.tell(trouble, "note note--bad");
      this.area.focus();
      return;
    }
    const sent: Unsent["sent"] = { interview: this.interview, text, kind: String(typed.get("kind") ?? "inquiry"), client_id: newClientId() };
    for (const name of ["nickname", "contact"] as const) {
      const value = String(typed.get(name) ?? "").trim();
      if (value) sent[name] = value;
    }
    const one: Unsent = { sent, at: Date.now(), after: this.newest() };
    this.unsent.push(one);
    this.keep(one);
    this.area.value = "";
    device.write(this.draft, null);
    hideRestored(this.form);
    this.notBefore = 0;
    this.tell("正在送", "");
    this.drawn();
    void this.send();
  }

  private settle(one: Unsent, answer: Answer<Accepted>): void {
    if (answer.ok) {
      this.drop(one);
      this.accepted(answer.result.question);
      this.tell("收到了。审核后公开，请记下回执编号：", "note", answer.result.receipt);
      return;
    }
    const why = refusalWords(answer.error);
    if (this.open && this.area && !this.area.value) {
      // Nothing typed is lost to a refusal: it goes back where it was written.
      this.take(one, true);
    } else {
      one.refused = why;
      this.keep(one);
    }
    this.tell(`没有收下：${why}`, "note note--bad");
  }

  private tell(text: string, look: string, receipt?: string): void {
    const place = byId("send-state");
    if (!place) return;
    place.className = look ? `${look} gap-top` : "send-state soft";
    place.textContent = text;
    if (!receipt) return;
    const link = document.createElement("a");
    link.href = `/questions/${receipt}`;
    link.className = "nb";
    link.id = "receipt";
    link.textContent = receipt;
    place.append(link);
  }

  /** Put back what was being written when this page was left, and say so. */
  private restore(): void {
    const draft = device.read<Draft>(this.draft);
    if (!draft || !recent(draft.at)) {
      device.write(this.draft, null);
      return;
    }
    this.fill(draft);
    tellRestored(this.area!.closest(".field") ?? this.area!, () => {
      device.write(this.draft, null);
      this.fill({ text: "", kind: "inquiry", nickname: "" }, true);
      this.area!.focus();
    });
  }

  private get draft(): string {
    return `draft.${this.interview}`;
  }

  /** What is being written; the e-mail address is not kept before it is sent. */
  private keepDraft(): void {
    const typed = new FormData(this.form!);
    const value = (name: string): string => String(typed.get(name) ?? "");
    const draft: Draft = { text: value("text"), kind: value("kind"), nickname: value("nickname"), at: Date.now() };
    device.write(this.draft, draft.text.trim() || draft.nickname ? draft : null);
  }

  private fill(draft: Draft, over = false): void {
    if (!this.form || !this.area) return;
    this.area.value = draft.text;
    const nickname = this.form.querySelector<HTMLInputElement>('[name="nickname"]');
    if (nickname && (over || !nickname.value)) nickname.value = draft.nickname;
    const kind = [...this.form.querySelectorAll<HTMLInputElement>('[name="kind"]')].find((one) => one.value === draft.kind);
    if (kind) kind.checked = true;
  }

  private keep(one: Unsent): void {
    this.kept = device.write(`unsent.${this.interview}.${one.sent.client_id}`, one);
  }

  private drop(one: Unsent): void {
    this.unsent = this.unsent.filter((other) => other !== one);
    device.write(`unsent.${this.interview}.${one.sent.client_id}`, null);
  }
}

export const refusalWords = ({ message, article }: Failure): string => (article ? `${message}（${article}）` : message);

/** Makes sure that there is an identity; `anew` where the server did not recognise the one we had. */
export type Identify = (anew?: boolean) => Promise<void>;

/** An anonymous identity, asked for only when the citizen acts for the first time. */
export function visitorOf(known: boolean, link: Link, met: () => void): Identify {
  let ready: Promise<void> | null = known ? Promise.resolve() : null;
  return (anew = false) => {
    if (anew) ready = null;
    ready ??= fetch("/api/visitor", { method: "POST", headers: { "X-CSRF-Token": formToken() } })
      .then((response) => {
        if (!response.ok) throw new Error(String(response.status));
        met();
        return link.again();
      })
      .catch((error: unknown) => {
        ready = null;
        throw error;
      });
    return ready;
  };
}
