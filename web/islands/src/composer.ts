// A citizen's question on its way: drawn at once, kept on the device until the server has it, sent again under the
// same client_id, and never called sent before the server said so.
import { device, formToken, UNKNOWN, OFFLINE, type Answer, type Link } from "./link.js";
import { byId } from "./parts.js";
import { LENGTH_LIMIT, newClientId, points } from "./words.js";

export interface Unsent {
  interview: number;
  text: string;
  kind: string;
  client_id: string;
  nickname?: string;
  contact?: string;
}

interface Accepted { question: number; receipt: string; number: number | null; status: string }

const AGAIN_MS = 5_000;

export class Composer {
  readonly waiting: Unsent[];
  private readonly form: HTMLFormElement | null = byId<HTMLFormElement>("ask");
  private readonly area = this.form?.querySelector<HTMLTextAreaElement>('textarea[name="text"]') ?? null;
  private sending = false;

  constructor(
    private readonly interview: number,
    private readonly link: Link,
    private readonly identify: Identify,
    private readonly drawn: () => void,
  ) {
    this.waiting = device.read<Unsent[]>(`unsent.${interview}`) ?? [];
    if (!this.form || !this.area) return;
    if (!this.area.value) this.area.value = device.read<string>(`draft.${interview}`) ?? "";
    this.area.addEventListener("input", () => device.write(`draft.${interview}`, this.area?.value || null));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    setInterval(() => void this.send(), AGAIN_MS);
  }

  /** Try what waits, one after the other. */
  async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    let renewed = false;
    try {
      for (let next = this.waiting[0]; next; next = this.waiting[0]) {
        await this.identify();
        const answer = await this.link.send<Accepted>("question.submit", next);
        if (!answer.ok && answer.error.code === "visitor.missing" && !renewed) {
          renewed = true;
          await this.identify(true);
          continue;
        }
        if (!answer.ok && (answer.error.code === UNKNOWN.code || answer.error.code === OFFLINE.code || answer.error.code === "internal")) break;
        if (!answer.ok && answer.error.retry_after) {
          this.tell(answer.error.message, "note note--warn");
          break;
        }
        this.waiting.shift();
        this.keep();
        this.settle(next, answer);
      }
    } catch {
      // No identity because the server is out of reach: the next round tries again.
    } finally {
      this.sending = false;
    }
    if (this.waiting.length) this.tell("还没有送到，正在重试。请先不要关闭页面。", "send-state");
    this.drawn();
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
    const unsent: Unsent = { interview: this.interview, text, kind: String(typed.get("kind") ?? "inquiry"), client_id: newClientId() };
    const nickname = String(typed.get("nickname") ?? "").trim();
    const contact = String(typed.get("contact") ?? "").trim();
    if (nickname) unsent.nickname = nickname;
    if (contact) unsent.contact = contact;
    this.waiting.push(unsent);
    this.keep();
    this.area.value = "";
    device.write(`draft.${this.interview}`, null);
    this.tell("正在送", "send-state");
    this.drawn();
    void this.send();
  }

  private settle(sent: Unsent, answer: Answer<Accepted>): void {
    if (answer.ok) {
      this.tell("收到了。审核后公开，请记下回执编号：", "note", answer.result.receipt);
      return;
    }
    // Nothing typed is lost to a refusal: it goes back where it was written.
    if (this.area && !this.area.value) this.area.value = sent.text;
    device.write(`draft.${this.interview}`, sent.text);
    this.tell(`没有收下：${answer.error.message}`, "note note--bad");
  }

  private tell(text: string, look: string, receipt?: string): void {
    const place = byId("send-state");
    if (!place) return;
    place.className = look === "send-state" ? "send-state soft" : `${look} gap-top`;
    place.textContent = text;
    if (!receipt) return;
    const link = document.createElement("a");
    link.href = `/questions/${receipt}`;
    link.className = "nb";
    link.id = "receipt";
    link.textContent = receipt;
    place.append(link);
  }

  private keep(): void {
    device.write(`unsent.${this.interview}`, this.waiting.length ? this.waiting : null);
  }
}

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
