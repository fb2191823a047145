// Words and numbers as citizens read them; the same as the templates'.
import type { Item, Question } from "./store.js";

export const KINDS = { inquiry: "咨询", opinion: "意见", suggestion: "建议" } as const;
export const GROUNDS = { state_secret: "国家秘密", trade_secret: "商业秘密", personal_privacy: "个人隐私" } as const;
export const FATES: Record<string, string> = {
  pending: "等待审核", published: "等待答复", staged: "正在答", answered: "已答复", refused: "依法不予答复",
  deferred: "会后答复", declined: "没有公开", merged: "已合并", transferred: "已转其他单位",
  withdrawn: "提问人已撤回", removed: "已撤下",
};
export const DECLINES: Record<string, string> = {
  unlawful: "内容违法", abuse: "辱骂、骚扰", advertising: "广告", personal_data: "有别人的个人信息", not_a_question: "不是提问",
};
export const ORIGINS: Record<string, string> = { live: "现场答复", after: "会后答复", supplement: "补录" };
export const LENGTH_LIMIT = 2000;

/** 10:19, in Shanghai: every time comes with +08:00, so the hour stands in the text itself. */
export const hm = (at: string): string => at.slice(11, 16);
export const stamp = (at: string): string => `${at.slice(0, 10)} ${hm(at)}`;
export const cntime = (at: string): string => `${Number(at.slice(5, 7))}月${Number(at.slice(8, 10))}日 ${hm(at)}`;

export const asker = (q: Question): string => (q.nickname ? `网友“${q.nickname}”` : "未留称呼");
export const paragraphs = (text: string | null): string[] => (text ?? "").split("\n").filter((p) => p.trim());

/** Length as the server counts it: code points, not halves of them. */
export const points = (text: string): number => [...text].length;

/** Shanghai's clock now, as 15:12. */
export function nowHm(now: Date = new Date()): string {
  return new Date(now.getTime() + 8 * 3600_000).toISOString().slice(11, 16);
}

/** What the button says while new words wait to be shown. */
export function freshWords(items: Item[]): string {
  const answers = items.filter((i) => i.kind !== "said" && i.kind !== "question").length;
  if (answers) return `有${answers}条新答复，点这里显示`;
  return `主持人有${items.filter((i) => i.kind === "said").length}句新的话，点这里显示`;
}

/** The clock hurries nobody: said twice, near the end. */
export function leftWords(minutes: number): string {
  if (minutes <= 0) return "时间到了，访谈就要结束。没有答的，会后也要答。";
  const near = [5, 15].find((one) => minutes <= one);
  return near ? `还有不到${near}分钟结束。没排上的提问，会后也要答。` : "";
}

const TOLD: Record<string, string> = {
  theme: "题目", starts_at: "时间", ends_at: "时间", venue: "地点", content: "访谈内容", guests: "嘉宾", respondents: "答复单位", host: "主持人",
};

/** What an open page says when its interview changed: which of its facts, or, where none did, the files beside it. */
export function changedWords(before: Record<string, unknown> | null, after: Record<string, unknown>): string {
  if (!before) return "这场访谈有变动，点这里看";
  const differ = (name: string): boolean => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null);
  const named = [...new Set(Object.keys(TOLD).filter(differ).map((name) => TOLD[name]!))];
  if (named.length) return `${named.join("、")}有更新，点这里看`;
  return Object.keys(after).some(differ) ? "这场访谈有变动，点这里看" : "资料有更新，点这里看";
}

/** A random name for one submission: the server answers the same to the same name. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
