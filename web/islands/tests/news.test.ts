// What is on its way is drawn once: as one's own as soon as the stream has it, even before the server's answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrived } from "../src/news.js";
import type { Question } from "../src/store.js";

const mine = (question: number, text: string | null): Question => ({ question, text }) as Question;

test("a question that the stream has is not on its way any more", () => {
  assert.equal(arrived(" 路灯什么时候修？\n", 3, [mine(4, "路灯什么时候修？")]), true);
});

test("the same words asked before are another question", () => {
  assert.equal(arrived("路灯什么时候修？", 4, [mine(4, "路灯什么时候修？"), mine(5, "别的？"), mine(6, null)]), false);
});
