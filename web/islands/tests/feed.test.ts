// A stream over a bad line: what comes twice is dropped, what is missing is fetched, nothing is shown out of turn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed, type Backlog } from "../src/feed.js";
import type { Own, StreamEvent } from "../src/store.js";

const event = (seq: number): StreamEvent => ({
  stream: "me", seq, kind: "question.supported", at: "2026-05-18T10:19:00+08:00", body: { question: seq },
});

const blank = (): Own => ({ questions: {}, supported: [] });

/** 服务器有 `head` 个事件；每次最多给两个。 */
function server(head: number, asked: (number | null)[] = []): (stream: string, after: number | null) => Promise<Backlog> {
  return async (_stream, after) => {
    asked.push(after);
    if (after === null) return { reset: true, head, snapshot: { questions: {}, supported: range(1, head) } };
    return { head, events: range(after + 1, Math.min(after + 2, head)).map(event) };
  };
}

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

test("an event that comes twice counts once", () => {
  const feed = new Feed<Own>("me", server(0), () => {});
  feed.take({ reset: true, head: 0, snapshot: blank() });
  feed.hear(event(1));
  feed.hear(event(1));
  assert.deepEqual([feed.seq, feed.state?.supported], [1, [1]]);
});

test("a gap is filled from the backlog, in pages, and what came early is not lost", async () => {
  const asked: (number | null)[] = [];
  const seen: number[] = [];
  const feed = new Feed<Own>("me", server(6, asked), (_feed, events) => seen.push(...events.map((e) => e.seq)));
  feed.take({ reset: true, head: 1, snapshot: { questions: {}, supported: [1] } });
  feed.hear(event(7));
  assert.equal(feed.seq, 1);
  await feed.mend();
  assert.deepEqual([feed.seq, feed.state?.supported], [7, [1, 2, 3, 4, 5, 6, 7]]);
  assert.deepEqual(seen, [2, 3, 4, 5, 6, 7]);
  assert.deepEqual(asked, [1, 3, 5]);
});

test("events that arrive before the snapshot wait for it", () => {
  const feed = new Feed<Own>("me", server(3), () => {});
  feed.hear(event(3));
  assert.equal(feed.after, null);
  feed.take({ reset: true, head: 2, snapshot: { questions: {}, supported: [1, 2] } });
  assert.deepEqual([feed.seq, feed.state?.supported], [3, [1, 2, 3]]);
});

test("a backlog that ends below the head makes the feed ask for the rest", async () => {
  const feed = new Feed<Own>("me", server(5), () => {});
  feed.take({ reset: true, head: 0, snapshot: blank() });
  feed.take({ head: 5, events: [event(1)] });
  await feed.mend();
  assert.equal(feed.seq, 5);
});

test("a server that has nothing for the gap is asked for the whole instead of for ever", async () => {
  const asked: (number | null)[] = [];
  const feed = new Feed<Own>("me", async (stream, after) => {
    asked.push(after);
    return after === null ? server(4)(stream, null) : { head: 4, events: [] };
  }, () => {});
  feed.take({ reset: true, head: 1, snapshot: blank() });
  feed.hear(event(4));
  await feed.mend();
  assert.deepEqual([feed.seq, feed.state?.supported], [4, [1, 2, 3, 4]]);
  assert.deepEqual(asked, [1, null]);
});

test("a restart with a shorter stream is taken as it is", () => {
  const feed = new Feed<Own>("me", server(0), () => {});
  feed.take({ reset: true, head: 9, snapshot: { questions: {}, supported: range(1, 9) } });
  feed.take({ reset: true, head: 2, snapshot: { questions: {}, supported: [1, 2] } });
  assert.deepEqual([feed.seq, feed.state?.supported], [2, [1, 2]]);
});
