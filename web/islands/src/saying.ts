// Words of the console: what happened, what was not sent, how near the end is, and what a host says often.
import { byId } from "./parts.js";
import type { Interview, Room, StreamEvent } from "./store.js";
import { DECLINES, GROUNDS, hm } from "./words.js";

const PHRASES = ["各位网友，大家好。今天谈的是", "接下来请答复单位说一说", "请补充说明", "还有15分钟，请大家抓紧提问。", "时间快到了，没有答到的提问，会后书面答复。"];

/** What often is said, put where one writes, at the end of what is there. */
export function drawPhrases(): void {
  const place = byId("phrases");
  const area = byId<HTMLTextAreaElement>("say");
  if (!place || !area) return;
  place.hidden = false;
  place.className = "phrases small";
  for (const phrase of PHRASES) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-btn small";
    button.textContent = phrase.length > 8 ? `${phrase.slice(0, 8)}……` : phrase;
    button.title = phrase;
    button.addEventListener("click", () => {
      area.value += phrase;
      area.focus();
    });
    place.append(button);
  }
}

/** The same words as the page has without a script (web/console.py). */
export function nearEnd(interview: Interview, now: number): string {
  if (interview.status !== "live" || !interview.limit_at) return "";
  const left = Math.floor((Date.parse(interview.limit_at) - now) / 60_000);
  if (left < 0) return "时间到了，没有答的转会后答复。";
  const near = [5, 15].find((minutes) => left < minutes);
  return near ? `不到${near}分钟了，请准备收尾。` : "";
}

export function wordsOf(event: StreamEvent, state: Room): string | null {
  const body = event.body;
  const q = state.questions[String(body["question"])];
  const number = q?.number ? `${q.number}号` : "一个待审的";
  switch (event.kind) {
    case "question.submitted": return "收到一个提问";
    case "question.appealed": return "一个没有公开的提问，提问人申诉了";
    case "question.published": return `${number}公开`;
    case "question.declined": return `${number}没有公开（${DECLINES[String(body["reason"])] ?? ""}）`;
    case "question.transferred": return `${number}转给${String(body["to"] ?? "别的单位")}`;
    case "question.merged": return `${number}并入${String(body["into_number"] ?? "")}号`;
    case "question.staged": return `${number}上场`;
    case "question.unstaged": return `${number}放回去了`;
    case "question.answered": return `${number}已答（${String(body["speaker"] ?? body["body"] ?? "")}）`;
    case "question.deferred": return `${number}转会后答复`;
    case "question.refused": return `${number}依法不予答复，依据：${GROUNDS[body["ground"] as keyof typeof GROUNDS] ?? ""}`;
    case "question.withdrawn": return `${number}由提问人撤回`;
    case "question.removed": return "撤下了一条";
    case "erratum": return `登了一处更正：${String(body["text"] ?? "")}`;
    case "publication.delayed": return body["seconds"] ? `改成公开前等${String(body["seconds"])}秒` : "改成马上公开";
    case "interview.extended": return `延长到${hm(state.interview.limit_at ?? "")}`;
    case "interview.said": return `${String(body["speaker"] ?? "")}说了一句`;
    default: return null;
  }
}

const ACTS: Record<string, string> = {
  "question.publish": "公开", "question.decline": "不公开", "question.merge": "合并", "question.transfer": "转走",
  "question.hold": "撤回公开", "question.stage": "请上场", "question.unstage": "放回去", "question.claim": "接手",
  "question.remove": "撤下一条", "question.answer": "发布答复", "question.refuse": "不予答复", "question.defer": "转会后答复",
  "erratum.publish": "登出更正", "interview.say": "说出去", "interview.extend": "延长", "interview.close": "结束访谈",
  "interview.open": "开始访谈", "interview.rehearse": "开一场演练", "publication.delay": "改公开前等几秒", "question.order": "排次序",
};

/** What a moderator's act came to and what comes next, said where they work; null for what shows on the page by itself. */
export function wordsAfter(command: string, fields: Record<string, unknown>, result: Record<string, unknown>, room: Room | null): string | null {
  const which = named(fields, room);
  const into = room?.questions[String(fields["into"])];
  switch (command) {
    case "question.publish": return room?.delay ? `${which}等${room.delay}秒公开，按U或者“撤回公开”还来得及。` : `公开了${result["number"] ? `，编为${String(result["number"])}号` : ""}：${which}。`;
    case "question.decline": return `没有公开，原因写的是“${DECLINES[String(fields["reason"])] ?? ""}”：${which}。提问人看得到原因，可以申诉一次。`;
    case "question.merge": return `并进了${into?.number ? `${into.number}号` : "另一个"}：${which}。提问人会看到说明。`;
    case "question.transfer": return `转走了：${which}。由那个单位书面答复。`;
    case "question.hold": return `撤回了，没有公开，还在待审的里：${which}。`;
    default: return null;
  }
}

/** A question named among others by how it begins. */
function named(fields: Record<string, unknown>, room: Room | null): string {
  const text = room?.questions[String(fields["question"])]?.text ?? "";
  return `“${text.length > 16 ? `${text.slice(0, 16)}……` : text}”`;
}

/** A moderator's act that came too late, with what was done instead; null for what is said in another place. */
export function wordsOfRefusal(command: string, fields: Record<string, unknown>, message: string, room: Room | null): string | null {
  if (!["question.publish", "question.decline", "question.merge", "question.transfer", "question.hold"].includes(command)) return null;
  return `${ACTS[command]!}没有办成，${named(fields, room)}：${message}`;
}

function orderInWords(questions: number[], room: Room | null): string {
  const numbers = questions.map((id) => room?.questions[String(id)]?.number).filter(Boolean);
  return numbers.length ? `依次${numbers.map((no) => `${no}号`).join("、")}` : "都不排";
}

/** An act as one names it among others: what it does, and to which question. */
export function wordsOfAct(command: string, fields: Record<string, unknown>, room: Room | null): string {
  const q = room?.questions[String(fields["question"])];
  const text = String(fields["text"] ?? q?.text ?? "");
  const start = text.length > 16 ? `${text.slice(0, 16)}……` : text;
  const what = ACTS[command] ?? command;
  if (command === "question.order") return `${what}，${orderInWords(fields["questions"] as number[], room)}`;
  if (q?.number) return `${what}，${q.number}号`;
  return start ? `${what}，“${start}”` : what;
}
