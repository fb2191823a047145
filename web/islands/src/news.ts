// What became of one's own questions since this device last looked, in words. Pure.
import type { Question, Room } from "./store.js";
import { DECLINES, FATES } from "./words.js";

/** What each question had come to when it was last told of, by its number among all. */
export type Seen = Record<string, string>;
export interface News { text: string; href: string }

/** The question in which another one went on, at the end of the way. */
export function wentInto(q: Question, room: Room | null): Question | null {
  let found = q.status === "merged" ? room?.questions[String(q.into)] ?? null : null;
  for (let step = 0; found?.status === "merged" && step < 9; step++) found = room?.questions[String(found.into)] ?? null;
  return found;
}

/** Whether what is on its way from here is among one's own already: the stream can be ahead of the answer. */
export function arrived(text: string, after: number, mine: Question[]): boolean {
  return mine.some((q) => q.question > after && q.text?.trim() === text.trim());
}

function comeTo(q: Question, room: Room): string {
  const into = wentInto(q, room);
  return into ? `merged.${into.status}` : q.status;
}

/** Nothing to tell: one did it oneself, or it only went back to wait. */
const QUIET = new Set(["pending", "withdrawn", "merged.published", "merged.staged"]);

function words(q: Question, room: Room): string {
  const into = wentInto(q, room);
  const mine = q.number ? `您的${q.number}号提问` : "您的提问";
  switch (q.status) {
    case "published": return `您的提问公开了，编为${q.number}号。`;
    case "staged": return `正在答${mine}。`;
    case "declined": return `${mine}没有公开，原因是${DECLINES[q.reason ?? ""] ?? q.reason}。觉得不对，可以申诉一次。`;
    case "transferred": return `${mine}转给了${q.to ?? "别的单位"}，由它书面答复。`;
    case "merged":
      if (!into) return `${mine}并到了相同的问题里。`;
      return QUIET.has(comeTo(q, room)) ? `${mine}和${into.number}号问的是一件事，并到了那里。` : `${mine}并到的${into.number}号，${FATES[into.status]}。`;
    case "removed": return `${mine}撤下了，原因是${q.reason}。`;
    default: return `${mine}，${FATES[q.status]}。`;
  }
}

/** What is new of one's own questions, and what has been told from now on. A question met for the first time is no news. */
export function newsOf(own: Record<string, Question>, room: Room, seen: Seen): { news: News[]; seen: Seen } {
  const news: News[] = [];
  const now: Seen = {};
  for (const [id, q] of Object.entries(own)) {
    const come = (now[id] = comeTo(q, room));
    const before = seen[id];
    if (before === undefined || before === come || (before === "staged" && come === "published")) continue;
    if (QUIET.has(come) && (!come.startsWith("merged") || before.startsWith("merged"))) continue;
    news.push({ text: words(q, room), href: come === "staged" ? "#stage" : `/questions/${q.receipt}` });
  }
  return { news, seen: { ...seen, ...now } };
}
