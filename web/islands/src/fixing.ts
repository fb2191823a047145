// Correcting and taking down what is public, reading an original: each in a dialog, each by its own form.
import { showDialog } from "./acts.js";
import { act } from "./cards.js";
import { byId, draw, html, nothing, render, write } from "./parts.js";
import type { Item, Room } from "./store.js";

const KINDS: Record<string, string> = { question: "提问", said: "发言", answer: "答复", refusal: "不予答复", deferral: "会后答复的说明" };

function wordsOf(item: Item, room: Room): { label: string; text: string | null } {
  const q = room.questions[String(item.question)];
  const text = item.removed ? null : item.kind === "question" ? q?.text ?? null : item.text;
  const label = item.no > 0 ? `${q?.number ? `${q.number}号` : ""}${KINDS[item.kind] ?? ""}` : "只给提问人的答复";
  return { label, text };
}

const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}……` : text);

/** The list is drawn while it is open: it can be hundreds long. */
export function drawSpoken(room: Room): void {
  write("spoken-n", room.items.length);
  if (!byId<HTMLDetailsElement>("spoken-box")?.open) return;
  draw("spoken", [...room.items].reverse().map((item) => {
    const { label, text } = wordsOf(item, room);
    return html`<li class="pick-q"><b>${item.no > 0 ? item.no : "信"}</b><div><p>${text ? short(text, 60) : "已撤下"}</p><p class="q-meta"><span>${label}</span><span>${item.speaker ?? item.body ?? ""}</span>${
      item.errata.length ? html`<span>有${item.errata.length}处更正</span>` : nothing
    }</p>${text ? html`<div class="row"><a class="link-btn small" href="${location.pathname}?item=${item.item}#fix" data-fix=${item.item}>更正或者撤下<span class="vh">：${label}${item.no > 0 ? item.no : ""}</span></a></div>` : nothing}</div></li>`;
  }));
}

const area = (name: string, label: string, id: string, hint = ""): unknown =>
  html`<div class="field"><label for=${id}>${label}</label>${hint ? html`<span class="hint">${hint}</span>` : nothing}<textarea class="input" id=${id} name=${name} required></textarea></div>`;

function fix(item: Item, room: Room, can: Set<string>): void {
  const { label, text } = wordsOf(item, room);
  const inside = document.createElement("div");
  render(html`<h2>${item.no > 0 ? `第${item.no}条，` : ""}${label}</h2><p class="soft">${short(text ?? "", 120)}</p>
    ${can.has("correct") ? act("erratum.publish", { item: item.item }, html`<h3 class="gap-top">更正</h3><p class="soft small">原文留着，更正登在旁边。</p>${area("text", "更正成什么", "fix-text", "例如：“1.48万元”应为“1.46万元”")}${area("reason", "为什么更正", "fix-why")}<p class="dialog-acts"><button class="btn btn--small">登出更正</button></p>`) : nothing}
    ${can.has("remove") ? act("question.remove", { item: item.item }, html`<h3 class="gap-top">撤下</h3><p class="soft small">只撤不该公开的：漏掉的电话号码、上级的命令。说错了的请用更正。撤下以后哪一页都不再有它，原因会公开。</p>${area("reason", "撤下的原因", "remove-why")}<p class="dialog-acts"><button class="btn btn--grave btn--small">撤下并公开原因</button></p>`) : nothing}
    ${can.has("promise") && item.kind === "answer" && item.no > 0 && (!item.promise || item.promise.status === "cancelled") ? html`<p class="gap-top"><a href="${location.pathname}?item=${item.item}#fix">这条答应了要办的事，登记承诺</a></p>` : nothing}
    ${can.has("unpromise") && item.promise?.status === "open" ? act("promise.cancel", { item: item.item }, html`<h3 class="gap-top">承诺登错了，取消</h3>${area("reason", "取消的原因", "unpromise-why", "会公开")}<p class="dialog-acts"><button class="btn btn--small">取消并公开原因</button></p>`) : nothing}`, inside);
  showDialog(inside, "先不办");
}

async function showOriginal(link: HTMLAnchorElement): Promise<void> {
  const inside = document.createElement("div");
  try {
    const answer = await fetch(link.href);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("original");
    if (!answer.ok || !found) throw new Error(String(answer.status));
    const heading = found.querySelector("h1");
    if (heading) {
      const title = document.createElement("h2");
      title.textContent = heading.textContent;
      heading.replaceWith(title);
    }
    inside.append(...found.childNodes);
  } catch {
    render(html`<h2>原文没有拿到</h2><p>请看一眼连上没有，再点一次。</p>`, inside);
  }
  showDialog(inside, "看好了");
}

/** Links that without a script lead to a page of their own open a dialog. */
export function takeLinks(room: () => Room | null, can: Set<string>): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-fix], a[data-original]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const state = room();
    const item = state?.items.find((one) => one.item === Number(link.dataset["fix"]));
    if ("original" in link.dataset) void showOriginal(link);
    else if (state && item) fix(item, state, can);
  });
  byId("spoken-box")?.addEventListener("toggle", () => {
    const state = room();
    if (state) drawSpoken(state);
  });
}
