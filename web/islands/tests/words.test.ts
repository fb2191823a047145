import assert from "node:assert/strict";
import { test } from "node:test";
import { changedWords, cntime, hm, newClientId, nowHm, paragraphs, points, stamp } from "../src/words.js";

const AT = "2026-05-08T09:05:30+08:00";

test("times are written by Chinese habit, whatever zone the phone is in", () => {
  assert.deepEqual([hm(AT), stamp(AT), cntime(AT)], ["09:05", "2026-05-08 09:05", "5月8日 09:05"]);
  assert.equal(nowHm(new Date("2026-05-08T20:30:00Z")), "04:30");
});

test("length counts what a person sees as one character beyond the basic plane once", () => {
  assert.equal(points("𠮷a字"), 3);
});

test("empty lines make no paragraph", () => {
  assert.deepEqual(paragraphs("一\n\n 二\n"), ["一", " 二"]);
  assert.deepEqual(paragraphs(null), []);
});

test("a client id has the form the server asks for and does not repeat", () => {
  const ids = new Set(Array.from({ length: 100 }, newClientId));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{8,64}$/);
});

test("an open page says what of its interview changed, and files where nothing else did", () => {
  const told = { theme: "医保", starts_at: "a", ends_at: "b", venue: null, guests: [], status: "announced" };
  assert.equal(changedWords(told, { ...told }), "资料有更新，点这里看");
  assert.equal(changedWords(told, { ...told, venue: "二楼" }), "地点有更新，点这里看");
  assert.equal(changedWords(told, { ...told, starts_at: "c", ends_at: "d", guests: [{ name: "王立言" }] }), "时间、嘉宾有更新，点这里看");
  assert.equal(changedWords(told, { ...told, other: 1 }), "这场访谈有变动，点这里看");
  assert.equal(changedWords(null, told), "这场访谈有变动，点这里看");
});
