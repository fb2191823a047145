// What the room already shows needs no second sending.
import assert from "node:assert/strict";
import { test } from "node:test";
import { carriedOut } from "../src/carried.js";
import type { Question, Room } from "../src/store.js";

const room = (status: string, order: number[] = []): Pick<Room, "questions" | "order"> => ({ order, questions: { "3": { question: 3, status } as Question } });
const stage = { command: "question.stage", fields: { question: 3 } };

test("a question that is on the stage needs not be called there again", () => {
  assert.equal(carriedOut(stage, room("staged")), true);
  assert.equal(carriedOut(stage, room("published")), false);
  assert.equal(carriedOut({ ...stage, fields: { question: 4 } }, room("staged")), false);
});

test("a line-up counts as carried out only as a whole and in its order", () => {
  const order = { command: "question.order", fields: { interview: 1, questions: [3, 4] } };
  assert.equal(carriedOut(order, room("published", [3, 4])), true);
  assert.equal(carriedOut(order, room("published", [4, 3])), false);
  assert.equal(carriedOut(order, room("published", [3])), false);
});

test("words that were written for a question are not dropped because somebody published others", () => {
  const publish = { command: "question.publish", fields: { question: 3 } };
  assert.equal(carriedOut(publish, room("published")), true);
  assert.equal(carriedOut({ ...publish, fields: { question: 3, text: "改好的" } }, room("published")), false);
});

test("what leaves no mark on the room is never taken for done", () => {
  assert.equal(carriedOut({ command: "host.say", fields: { text: "开始" } }, room("staged")), false);
  assert.equal(carriedOut(stage, null), false);
});
