// The bot's panel at the foot of a public page, fetched when it is opened for the first time. It shows what the server
// answered and nothing before that; without it the same form leads to the bot's own page.
import { formToken, tab } from "./device.js";
import { canSpeak, hush, say, speaksChinese } from "./voice.js";

interface Source { index_no: string; title: string; issuer: string; published_on: string | null; in_force: boolean; url: string }
interface Answer {
  ask: number;
  outcome: "answer" | "choices" | "handoff";
  text: string;
  sources: Source[];
  choices: { entry: number; question: string }[];
  exits: string[];
  links?: { label: string; url: string }[];
}

const PATIENCE_MS = 15_000;
const NAME_LENGTH = 22;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LOST = "没有等到回音，不知道送到没有。字还在框里，可以再问一次。";
const OFFLINE = "现在没有连上网，还没有送到。字还在框里，连上以后再按“问”。";
const BROKEN = "我们这边出了错，没有答成。请过一会儿再问。";

type Child = Node | string | null;

function made<K extends keyof HTMLElementTagNameMap>(tag: K, look: string, ...children: Child[]): HTMLElementTagNameMap[K] {
  const found = document.createElement(tag);
  if (look) found.className = look;
  found.append(...children.filter((child): child is Node | string => child !== null));
  return found;
}

function link(href: string, text: string, look = ""): HTMLAnchorElement {
  const found = made("a", look, text);
  found.href = href;
  return found;
}

/** The talk of this tab, the same on every page; the bot's own page shows it by this name. */
function talk(): { name: string; begun: boolean } {
  const known = tab.read("talk");
  if (known?.length === NAME_LENGTH) return { name: known, begun: true };
  const name = Array.from(crypto.getRandomValues(new Uint8Array(NAME_LENGTH)), (byte) => LETTERS[byte & 63]).join("");
  return { name, begun: false };
}

class Panel {
  private readonly form = this.panel.querySelector<HTMLFormElement>("#bot-form")!;
  private readonly field = this.panel.querySelector<HTMLInputElement>("#bot-text")!;
  private readonly place = this.panel.querySelector<HTMLElement>("#bot-talk")!;
  private readonly state = this.panel.querySelector<HTMLElement>("#bot-state")!;
  private readonly name: string;
  private busy = false;

  constructor(private readonly panel: HTMLDetailsElement) {
    const { name, begun } = talk();
    this.name = name;
    this.place.setAttribute("role", "log");
    this.place.setAttribute("aria-live", "polite");
    this.place.setAttribute("aria-label", "机器人的回答");
    this.form.querySelector<HTMLInputElement>('[name="conversation"]')!.value = name;
    if (begun) this.place.append(made("p", "small", "接着刚才的话问就行。", link(this.address, "看刚才的对话", "tap")));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.ask();
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !panel.open) return;
      panel.open = false;
      panel.querySelector("summary")!.focus();
    });
    panel.addEventListener("toggle", () => panel.open || hush());
    addEventListener("offline", () => this.tell(OFFLINE.replace("还没有送到。字", "问不了。写的字"), true));
    addEventListener("online", () => this.tell("连上了。"));
  }

  private get whence(): string {
    return this.form.querySelector<HTMLInputElement>('[name="from"]')!.value;
  }

  private get address(): string {
    return `/faq?talk=${this.name}&from=${encodeURIComponent(this.whence)}`;
  }

  private async ask(): Promise<void> {
    const text = this.field.value.trim();
    if (this.busy || !text) return;
    if (!navigator.onLine) return this.tell(OFFLINE, true);
    this.busy = true;
    this.tell("正在问。");
    try {
      const answer = await this.sent<Answer>("/api/faq/ask", { text, conversation: this.name });
      if (typeof answer === "string") return this.tell(answer, true);
      tab.write("talk", this.name);
      this.tell("");
      this.field.value = "";
      this.show(text, answer);
    } finally {
      this.busy = false;
    }
  }

  /** What the server answered, or the sentence why there is nothing. */
  private async sent<T>(path: string, body: object): Promise<T | string> {
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), PATIENCE_MS);
    try {
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": formToken() };
      const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal: waiting.signal });
      const told = (await response.json().catch(() => null)) as (T & { error?: { message: string } }) | null;
      if (response.ok && told) return told;
      return told?.error?.message ?? BROKEN;
    } catch {
      return navigator.onLine ? LOST : OFFLINE;
    } finally {
      clearTimeout(timer);
    }
  }

  private show(asked: string, answer: Answer): void {
    const turn = made("div", "bot-turn", made("p", "asked", made("span", "", "您问"), asked), made("div", "reply", ...this.said(answer)));
    this.place.append(turn);
    turn.scrollIntoView({ block: "nearest" });
  }

  private said(answer: Answer): Child[] {
    if (answer.outcome === "choices")
      return [made("h3", "", "您问的是哪一件？"), this.choices(answer), made("p", "small", link(`${this.address}#exits`, "都不是，找人问", "tap"))];
    const first = answer.sources[0];
    const text = answer.text.split("\n").filter((line) => line.trim()).map((line) => made("p", "", line));
    const said: Child[] = [];
    if (answer.outcome === "answer" && first) said.push(made("p", "eyebrow", made("span", "origin origin--bot", "机器人引用原文")), made("h3", "", first.title));
    said.push(made("div", "prose", ...text), ...answer.sources.map(cited));
    if (answer.links?.length) said.push(made("ul", "links", ...answer.links.map((one) => made("li", "", link(one.url, one.label)))));
    said.push(this.aloud(answer), this.judged(answer), this.exits(answer));
    return said;
  }

  /** By the plain form: what is chosen is answered on the bot's own page, and counted there. */
  private choices(answer: Answer): HTMLElement {
    const form = made("form", "pick");
    form.method = "post";
    form.action = "/faq#last";
    for (const [name, value] of [["csrf", formToken()], ["conversation", this.name], ["ask", String(answer.ask)], ["from", this.whence]] as const) {
      const hidden = made("input", "");
      hidden.type = "hidden";
      hidden.name = name;
      hidden.value = value;
      form.append(hidden);
    }
    for (const one of answer.choices) {
      const button = made("button", "", one.question);
      button.name = "entry";
      button.value = String(one.entry);
      form.append(button);
    }
    return form;
  }

  private exits(answer: Answer): HTMLElement | null {
    if (!answer.exits.length) return null;
    const links: Child[] = [];
    if (answer.exits.includes("human")) links.push(link(`${this.address}#exits`, "找人问", "exit"));
    if (answer.exits.includes("next_interview")) links.push(link(`${this.address}#exits`, "留给下一场访谈", "exit"));
    return made("div", "exits", made("p", "", answer.outcome === "answer" ? "不是您要的？" : "两条路，选一条就行"), ...links);
  }

  private judged(answer: Answer): HTMLElement | null {
    if (answer.outcome !== "answer") return null;
    const place = made("p", "row gap-top", made("span", "soft small", "这个答复"));
    for (const [useful, word] of [[true, "有用"], [false, "没用"]] as const) {
      const button = made("button", "btn btn--plain btn--small", word);
      button.type = "button";
      button.addEventListener("click", () => void this.judge(answer.ask, useful, place));
      place.append(button);
    }
    return place;
  }

  private async judge(ask: number, useful: boolean, place: HTMLElement): Promise<void> {
    const told = await this.sent<{ ask: number }>("/api/faq/feedback", { ask, useful });
    if (typeof told === "string") return this.tell(told, true);
    place.replaceChildren(made("span", "soft small", useful ? "记下了，谢谢您告诉我们。" : "记下了，有人会看。谢谢您告诉我们。"));
    place.tabIndex = -1;
    place.focus();
  }

  /** 长辈版：把这一段读出来，再按就停。 */
  private aloud(answer: Answer): HTMLElement | null {
    if (!answer.text || document.documentElement.dataset["mode"] !== "elder") return null;
    if (!canSpeak()) return made("p", "small", "这台设备没有朗读的声音，请看文字。");
    const button = made("button", "btn btn--plain", "读出来");
    button.type = "button";
    const stopped = (): void => void (button.textContent = "读出来");
    button.addEventListener("click", () => {
      const reading = button.textContent !== "读出来";
      hush();
      if (reading) return stopped();
      if (!speaksChinese()) {
        button.replaceWith(made("span", "small", "这台设备没有朗读的声音，请看文字。"));
        return;
      }
      button.textContent = "不读了";
      say(answer.text, stopped);
    });
    return made("p", "gap-top", button);
  }

  private tell(text: string, bad = false): void {
    this.state.textContent = text;
    this.state.className = bad ? "note note--bad gap-top" : "send-state soft";
  }
}

function cited(source: Source): HTMLElement {
  const fact = (name: string, what: Child): HTMLElement => made("div", "", made("dt", "", name), made("dd", "", what));
  return made(
    "div",
    "cite",
    made("p", "", "以上是原文里的话，一字未改。", link(source.url, "看全文")),
    made(
      "dl",
      "facts",
      fact("出处", link(source.url, source.title)),
      fact("索引号", source.index_no),
      fact("发布", [source.issuer, source.published_on].filter(Boolean).join("，")),
      fact("效力", source.in_force ? "现行有效" : "已经废止"),
    ),
  );
}

export function open(panel: HTMLDetailsElement): void {
  new Panel(panel);
}
