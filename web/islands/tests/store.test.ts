// Minutes of one question in an interview, as the public sees it: 网友甲 asks, 审核员小张 publishes, 李主持 stages, 王处长 answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, onScreen, record, waiting, type Own, type Room, type StreamEvent } from "../src/store.js";

const AT = "2026-05-18T10:19:00+08:00";

function interview(status: Room["interview"]["status"]): Room["interview"] {
  return {
    id: 7, no: 18, theme: "医保", status, starts_at: AT, ends_at: AT, opened_at: null, limit_at: null,
    closed_at: null, close_reason: null, host: "李主持", guests: [{ name: "王处长", post: "处长", body: "示例市医疗保障局" }],
  };
}

const empty = (): Room => ({ interview: interview("live"), questions: {}, stage: [], items: [] });

let seq = 0;
function event(kind: string, body: Record<string, unknown>): StreamEvent {
  seq += 1;
  return { stream: "interview:7:public", seq, kind, at: AT, body };
}

function published(question: number, number: number, supports = 0): StreamEvent {
  return event("question.published", {
    question, number, item: question * 10, text: `第${number}问`, kind: "inquiry", nickname: "网友甲", at: AT,
    status: "published", supports, into: null, reason: null, no: number, published_at: AT,
  });
}

function answered(question: number, item: number, no: number): StreamEvent {
  return event("question.answered", {
    item, no, kind: "answer", question, speaker: "王处长", role: "guest", body: "示例市医疗保障局", text: "能。", at: AT,
    origin: "live", ground: null, number: 1, status: "answered", reason: null,
  });
}

const after = (state: Room, ...events: StreamEvent[]): Room => events.reduce(apply, state);

test("a published question is in the questions without its transcript number, and in the transcript without its text", () => {
  const state = after(empty(), published(12, 1));
  assert.equal(state.questions["12"]?.text, "第1问");
  assert.ok(!("no" in state.questions["12"]!) && !("published_at" in state.questions["12"]!));
  assert.deepEqual(state.items[0], {
    item: 120, no: 1, kind: "question", question: 12, speaker: null, role: "citizen", body: null, text: null,
    at: AT, origin: null, ground: null, removed: false, because: null, errata: [],
  });
});

test("staging twice leaves one place on stage, the newest is on screen, an answer takes it off", () => {
  const staged = (question: number): StreamEvent =>
    event("question.staged", { question, number: 1, status: "staged", reason: null });
  const on = after(empty(), published(12, 1), published(15, 2), staged(12), staged(15), staged(12));
  assert.deepEqual(on.stage, [15, 12]);
  assert.equal(onScreen(on)?.question, 12);
  const off = after(on, answered(12, 500, 3));
  assert.deepEqual(off.stage, [15]);
  assert.equal(off.questions["12"]?.status, "answered");
  assert.equal(off.items.length, 3);
});

test("the state given stays as it was", () => {
  const before = after(empty(), published(12, 1));
  const copy = JSON.stringify(before);
  after(before, answered(12, 500, 2), event("question.supported", { question: 12, supports: 9 }));
  assert.equal(JSON.stringify(before), copy);
});

test("merging carries the supports over and says where to", () => {
  const body = { question: 12, number: 1, into: 15, into_number: 2, supports: 8 };
  const state = after(empty(), published(12, 1, 3), published(15, 2, 5), event("question.merged", body));
  assert.equal(state.questions["12"]?.status, "merged");
  assert.equal(state.questions["12"]?.into, 15);
  assert.equal(state.questions["15"]?.supports, 8);
});

test("a question taken back keeps its number and loses its text", () => {
  const state = after(empty(), published(12, 1), event("question.withdrawn", { question: 12, status: "withdrawn", reason: null }));
  assert.deepEqual([state.questions["12"]?.number, state.questions["12"]?.text, state.questions["12"]?.status], [1, null, "withdrawn"]);
});

test("what was taken down tells nothing, and what refers to it is passed over", () => {
  const gone = event("question.published", { removed: true, reason: "漏掉的电话号码" });
  const state = after(empty(), gone, event("question.supported", { question: 12, supports: 4 }), answered(12, 500, 2));
  assert.deepEqual(state.questions, {});
  assert.equal(state.items.length, 1);
});

test("an event of a kind that this page does not know yet changes nothing", () => {
  const state = after(empty(), published(12, 1));
  assert.equal(apply(state, event("interview.rated", { stars: 5 })), state);
});

test("a draft is seen by staff while it is written and gone with the answer", () => {
  const room: Room = { ...empty(), drafting: {} };
  const writing = after(room, published(12, 1), event("answer.drafted", { question: 12, writer: "王处长", length: 26 }));
  assert.deepEqual(writing.drafting, { "12": { writer: "王处长", length: 26 } });
  assert.deepEqual(after(writing, answered(12, 500, 2)).drafting, {});
});

test("one's own stream keeps own questions and supports, each once", () => {
  const own: Own = { questions: {}, supported: [4] };
  const more = [event("question.supported", { question: 2 }), event("question.supported", { question: 4 })].reduce(apply, own);
  assert.deepEqual(more.supported, [2, 4]);
  const mine = apply(more, event("question.submitted", { question: 12, receipt: "7K3M-92QD", status: "pending" }));
  assert.equal(mine.questions["12"]?.receipt, "7K3M-92QD");
});

test("waiting questions stand by supports, then by number; the record holds each question once", () => {
  const state = after(empty(), published(12, 1, 2), published(15, 2, 9), published(16, 3, 2), answered(15, 500, 4), answered(15, 501, 5));
  assert.deepEqual(waiting(state).map((q) => q.number), [1, 3]);
  const rows = record(state);
  assert.equal(rows.length, 1);
  assert.ok("question" in rows[0]! && rows[0].replies.length === 2);
  assert.equal(record(state, 3).length, 0);
});
