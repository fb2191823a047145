// What an audience sees of an interview, and how an event changes it: the twin of chat/replay.py.
// Pure. The same cases must give the same states here and there.

export type QuestionStatus =
  | "pending" | "published" | "staged" | "answered" | "refused" | "deferred"
  | "declined" | "merged" | "transferred" | "withdrawn" | "removed";

export interface Question {
  question: number;
  number: number | null;
  item: number | null;
  text: string | null;
  kind: "inquiry" | "opinion" | "suggestion";
  nickname: string | null;
  at: string;
  status: QuestionStatus;
  supports: number;
  into: number | null;
  reason: string | null;
  to: string | null;
  appealed?: boolean;
  flags?: (string | { why: string })[];
  receipt?: string;
  reopened?: { since: string; due: string };
  interview?: number;
}

/** A correction beside the item `of`; its text is null once it was taken down. */
export interface Erratum {
  item: number;
  no: number;
  of: number;
  text: string | null;
  reason: string;
  at: string;
  speaker: string | null;
  role: string;
  body: string | null;
  removed: boolean;
}

/** Whose hands a waiting question is in, or who set its publication going. */
export interface Hand { by: string; until: string; publishing: boolean }

/** What an answer promises; overdue is open and past its day. */
export interface Promised {
  what: string;
  due: string;
  provisional: boolean;
  status: "open" | "kept" | "cancelled";
  done_at: string | null;
  done_no: number | null;
  reason: string | null;
}

/** A file or an entry of the catalogue beside an answer. */
export interface Attached { link: number; kind: "file" | "entry"; title: string; url: string; note: string | null }

/** An answer that waits for a second person of its body; the text stays with the body. */
export interface LaidUp {
  approval: number;
  question: number;
  body: string | null;
  writer: string;
  kind: "answer" | "refusal";
  at: string;
}

export interface Item {
  item: number;
  no: number;
  kind: "question" | "said" | "answer" | "refusal" | "deferral";
  question: number | null;
  speaker: string | null;
  role: string;
  body: string | null;
  text: string | null;
  at: string;
  origin: "live" | "after" | "supplement" | null;
  ground: "state_secret" | "trade_secret" | "personal_privacy" | null;
  errata: Erratum[];
  removed: boolean;
  because: string | null;
  promise?: Promised;
  attached?: Attached[];
}

export interface Interview {
  id: number;
  no: number | null;
  theme: string;
  status: "planned" | "announced" | "live" | "ended" | "archived" | "cancelled";
  starts_at: string;
  ends_at: string;
  opened_at: string | null;
  limit_at: string | null;
  closed_at: string | null;
  close_reason: string | null;
  host: string | null;
  guests: { name: string; post: string; body: string | null }[];
  [more: string]: unknown;
}

export interface Room {
  interview: Interview;
  questions: Record<string, Question>;
  stage: number[];
  items: Item[];
  drafting?: Record<string, { writer: string; length: number }>;
  handling?: Record<string, Hand>;
  approving?: Record<string, LaidUp>;
  order?: number[];
  delay?: number;
}

export interface Own {
  questions: Record<string, Question>;
  supported: number[];
}

export type State = Room | Own;

export type Body = Record<string, unknown>;

export interface StreamEvent {
  stream: string;
  seq: number;
  kind: string;
  at: string;
  body: Body;
}

const ITEM_KEYS = [
  "item", "no", "kind", "question", "speaker", "role", "body", "text", "at", "origin", "ground", "removed",
  "because", "errata",
] as const;

/** The state after one event; the state given stays as it was. */
export function apply<S extends State>(state: S, event: StreamEvent): S {
  const body = event.body;
  if (body["removed"]) return state;
  if (!("interview" in state)) return applyOwn(state as Own, event.kind, body) as S;
  const change = ROOM[event.kind];
  return change ? ({ ...state, ...change(state as Room, body) } as S) : state;
}

function applyOwn(state: Own, kind: string, body: Body): Own {
  const id = body["question"] as number;
  if (kind === "question.supported") {
    const supported = [...new Set([...state.supported, id])].sort((a, b) => a - b);
    return { ...state, supported };
  }
  return { ...state, questions: { ...state.questions, [id]: body as unknown as Question } };
}

type Change = (state: Room, body: Body) => Partial<Room>;

/** A question with something changed; one that is not known (its publication was taken down) stays unknown. */
function touched(questions: Record<string, Question>, id: unknown, change: Partial<Question>): Record<string, Question> {
  const found = questions[String(id)];
  return found ? { ...questions, [String(id)]: { ...found, ...change } } : questions;
}

function offStage(stage: number[], id: unknown): number[] {
  return stage.filter((staged) => staged !== id);
}

/** Off the stage, out of the line, out of everybody's hands. */
function doneWith(state: Room, id: unknown): Partial<Room> {
  return { stage: offStage(state.stage, id), ...outOfLine(state, id), ...laidDown(state, id) };
}

function outOfLine(state: Room, id: unknown): Partial<Room> {
  return state.order ? { order: state.order.filter((waiting) => waiting !== id) } : {};
}

function laidDown(state: Room, id: unknown): Partial<Room> {
  if (!state.handling) return {};
  const { [String(id)]: _gone, ...handling } = state.handling;
  return { handling };
}

function noDraft(state: Room, id: unknown): Partial<Room> {
  if (!state.drafting) return {};
  const { [String(id)]: _gone, ...drafting } = state.drafting;
  return { drafting };
}

function withItem(items: Item[], body: Body): Item[] {
  const item: Record<string, unknown> = {};
  for (const key of ITEM_KEYS) item[key] = body[key];
  return [...items, item as unknown as Item];
}

const interviewChanged: Change = (_state, body) => ({ interview: body as unknown as Interview });

const submitted: Change = (state, body) => ({
  questions: { ...state.questions, [String(body["question"])]: body as unknown as Question },
});

const published: Change = (state, body) => {
  const { no, published_at: at, ...question } = body;
  const item = {
    item: body["item"], no, kind: "question", question: body["question"], speaker: null, role: "citizen",
    body: null, text: null, at, origin: null, ground: null, removed: false,
    because: null, errata: [],
  };
  return {
    ...laidDown(state, body["question"]),
    questions: { ...state.questions, [String(body["question"])]: question as unknown as Question },
    items: [...state.items, item as unknown as Item],
  };
};

const supported: Change = (state, body) => ({
  questions: touched(state.questions, body["question"], { supports: body["supports"] as number }),
});

const merged: Change = (state, body) => {
  const gone = touched(state.questions, body["question"], { status: "merged", into: body["into"] as number });
  return {
    questions: touched(gone, body["into"], { supports: body["supports"] as number }),
    ...doneWith(state, body["question"]),
    ...noDraft(state, body["question"]),
  };
};

const staged: Change = (state, body) => ({
  ...doneWith(state, body["question"]),
  questions: touched(state.questions, body["question"], { status: "staged" }),
  stage: [...offStage(state.stage, body["question"]), body["question"] as number],
});

const unstaged: Change = (state, body) => ({
  questions: touched(state.questions, body["question"], { status: "published" }),
  stage: offStage(state.stage, body["question"]),
});

/** A question that is not handled again any more. */
function closed(questions: Record<string, Question>, id: unknown): Record<string, Question> {
  const found = questions[String(id)];
  if (!found?.reopened) return questions;
  const { reopened: _gone, ...rest } = found;
  return { ...questions, [String(id)]: rest };
}

/** Answered, refused, deferred, transferred or declined; the first three may bring an item of the transcript. */
const settled: Change = (state, body) => ({
  questions: touched(closed(state.questions, body["question"]), body["question"], {
    status: body["status"] as QuestionStatus,
    reason: body["reason"] as string | null,
    to: body["to"] as string | null,
  }),
  ...doneWith(state, body["question"]),
  items: "item" in body ? withItem(state.items, body) : state.items,
  ...noDraft(state, body["question"]),
});

const withdrawn: Change = (state, body) => ({
  questions: touched(state.questions, body["question"], { status: "withdrawn", text: null, nickname: null }),
  ...doneWith(state, body["question"]),
  ...noDraft(state, body["question"]),
});

/** What is left of something taken down, whether its going out was seen or not. */
const removed: Change = (state, body) => {
  if ("of" in (body["entry"] as Body)) return beside(state, body["entry"] as Body);
  const entry = body["entry"] as Item;
  const items = [...state.items.filter((item) => item.item !== entry.item), entry].sort((a, b) => a.item - b.item);
  if (!body["view"]) return { items };
  return {
    items,
    questions: { ...state.questions, [String(body["question"])]: body["view"] as Question },
    stage: body["status"] === "staged" ? state.stage : offStage(state.stage, body["question"]),
    ...(body["status"] === "removed" ? outOfLine(state, body["question"]) : {}),
    ...noDraft(state, body["question"]),
  };
};

const drafted: Change = (state, body) => ({
  drafting: {
    ...state.drafting,
    [String(body["question"])]: { writer: body["writer"] as string, length: body["length"] as number },
  },
});

const decided: Change = (state, body) => {
  const { [String(body["approval"])]: _gone, ...approving } = state.approving ?? {};
  return { approving };
};

const handled: Change = (state, body) => ({
  handling: {
    ...state.handling,
    [String(body["question"])]: {
      by: body["by"] as string, until: body["until"] as string, publishing: body["publishing"] as boolean,
    },
  },
});

/** A correction beside its item, in the place of an earlier view of the same one. */
const beside: Change = (state, body) => {
  const erratum = body as unknown as Erratum;
  return {
    items: state.items.map((item) => {
      if (item.item !== erratum.of) return item;
      const others = item.errata.filter((one) => one.item !== erratum.item);
      return { ...item, errata: [...others, erratum].sort((a, b) => a.item - b.item) };
    }),
  };
};

const ROOM: Record<string, Change> = {
  "interview.announced": interviewChanged,
  "interview.changed": interviewChanged,
  "interview.cancelled": interviewChanged,
  "interview.opened": interviewChanged,
  "interview.extended": interviewChanged,
  "interview.closed": interviewChanged,
  "interview.said": (state, body) => ({ items: withItem(state.items, body) }),
  "question.submitted": submitted,
  "question.published": published,
  "question.supported": supported,
  "question.merged": merged,
  "question.staged": staged,
  "question.unstaged": unstaged,
  "question.answered": settled,
  "question.refused": settled,
  "question.deferred": settled,
  "question.transferred": settled,
  "question.declined": settled,
  "question.withdrawn": withdrawn,
  "question.removed": removed,
  "answer.drafted": drafted,
  "question.reopened": (state, body) => ({
    questions: touched(state.questions, body["question"], { reopened: body["reopened"] as { since: string; due: string } }),
  }),
  "answer.promised": (state, body) => ({
    items: state.items.map((item) => (item.item === body["item"] ? { ...item, promise: body["promise"] as Promised } : item)),
  }),
  "answer.attached": (state, body) => ({
    items: state.items.map((item) => {
      if (item.item !== body["item"]) return item;
      const { attached: _gone, ...rest } = item;
      const attached = body["attached"] as Attached[];
      return attached.length ? { ...rest, attached } : rest;
    }),
  }),
  "answer.waiting": (state, body) => ({ approving: { ...state.approving, [String(body["approval"])]: body as unknown as LaidUp } }),
  "answer.approved": decided,
  "answer.returned": decided,
  "answer.recalled": decided,
  "question.appealed": submitted,
  "question.claimed": handled,
  "question.publishing": handled,
  "question.released": (state, body) => laidDown(state, body["question"]),
  "questions.ordered": (_state, body) => ({ order: body["questions"] as number[] }),
  "publication.delayed": (_state, body) => ({ delay: body["seconds"] as number }),
  "erratum": beside,
};

/** The question on screen: the newest of those on stage. */
export function onScreen(room: Room): Question | null {
  const id = room.stage[room.stage.length - 1];
  return id === undefined ? null : room.questions[String(id)] ?? null;
}

/** Questions of one status, the most supported first, then the oldest number. */
export function waiting(room: Room, status: QuestionStatus = "published"): Question[] {
  return Object.values(room.questions)
    .filter((q) => q.status === status)
    .sort((a, b) => b.supports - a.supports || (a.number ?? 0) - (b.number ?? 0));
}

export type Entry = { said: Item } | { question: Question; replies: Item[] };

/** The record in the order it was said: each question once, where it first got a word, with all its words. */
export function record(room: Room, upTo = Infinity): Entry[] {
  const entries: Entry[] = [];
  const byQuestion = new Map<number, Item[]>();
  for (const item of room.items) {
    if (item.no > upTo || item.kind === "question") continue;
    if (item.kind === "said" || item.question === null) {
      entries.push({ said: item });
      continue;
    }
    const known = byQuestion.get(item.question);
    const question = room.questions[String(item.question)];
    if (known) known.push(item);
    else if (question) {
      const replies = [item];
      byQuestion.set(item.question, replies);
      entries.push({ question, replies });
    }
  }
  return entries;
}
