// While a citizen writes: what was asked already, and what the catalogue says already. Where it cannot be had, nothing.
import { formToken } from "./link.js";
import { byId, draw, html, nothing, write } from "./parts.js";

interface Offers {
  questions: { id: number; number: number; text: string; supports: number; url: string; can_support: boolean }[];
  entries: { question: string; url: string }[];
  /** Where requests for disclosure, petitions and complaints are taken in, when this is one. */
  elsewhere: string | null;
}

const PAUSE_MS = 400;
const SHORTEST = 4;
/** As many characters as the server reads. */
const READ = 200;

/** What is near to the text; it goes in the body, because addresses stand in the logs of every proxy on the way. */
function nearTo(interview: number, text: string): Promise<Response | null> {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": formToken() };
  return fetch(`/api/interviews/${interview}/similar`, { method: "POST", headers, body: JSON.stringify({ text }) }).catch(() => null);
}

/** Follow the form's text; `support` says whether it was counted. */
export function offer(interview: number, support: (question: number) => Promise<boolean>): void {
  const area = document.querySelector<HTMLTextAreaElement>('#ask textarea[name="text"]');
  if (!area || !byId("similar")) return;
  const pressed = new Set<number>();
  let timer = 0;
  let looked = "";

  const press = async (question: number, found: Offers): Promise<void> => {
    if (!(await support(question))) return;
    pressed.add(question);
    show(found);
  };
  const show = (found: Offers | null): void => {
    const questions = found?.questions ?? [];
    const entries = found?.entries ?? [];
    const elsewhere = found?.elsewhere ?? null;
    write("similar-said", [elsewhere && "这件事可能要去别处办", questions.length && `有${questions.length}个相近的提问`, entries.length && `目录里有${entries.length}条`].filter(Boolean).join("，"));
    draw("similar", elsewhere || questions.length + entries.length ? html`<div class="similar">${
      elsewhere ? html`<p>这件事可能要去别处办</p><p class="small">${elsewhere}</p>` : nothing
    }${
      questions.length ? html`<p>已经有人问过类似的</p><ul>${questions.map((q) => html`<li><a href=${q.url}>${q.number}号</a> ${q.text}<div class="row">${
        q.can_support ? html`<button type="button" class="btn btn--plain btn--small" aria-pressed=${pressed.has(q.id) ? "true" : "false"} @click=${() => void press(q.id, found!)}>${pressed.has(q.id) ? "已支持" : "我也想问"}<span class="vh">：${q.number}号提问</span></button>` : nothing
      }<span class="soft small">${q.supports + Number(pressed.has(q.id))}人支持</span></div></li>`)}</ul>` : nothing
    }${entries.length ? html`<p>目录里可能已有答案</p><ul>${entries.map((one) => html`<li><a href=${one.url}>${one.question}</a></li>`)}</ul>` : nothing}</div>` : nothing);
  };
  const look = async (): Promise<void> => {
    const text = [...area.value.trim()].slice(0, READ).join("");
    if (text === looked) return;
    looked = text;
    const answer = text.length < SHORTEST ? null : await nearTo(interview, text);
    const found = answer?.ok ? ((await answer.json().catch(() => null)) as Offers | null) : null;
    if (text === looked) show(found);
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), PAUSE_MS);
  };
  area.addEventListener("input", soon);
  area.form?.addEventListener("submit", soon);
}
