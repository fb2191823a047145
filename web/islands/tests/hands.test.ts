// A waiting question in somebody's hands is laid down when they go, also where nobody has told them yet that it was theirs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hands } from "../src/hands.js";
import type { Link } from "../src/link.js";

type Sent = [string, unknown];

/** A page around `Hands`: what it heard of (`theirs`), what went out by the socket, and by beacon as it went. */
function page(theirs: () => boolean = () => false) {
  const listeners: Record<string, () => void> = {};
  const sent: Sent[] = [];
  const beacons: Sent[] = [];
  const answers: (() => void)[] = [];
  const around: Record<string, unknown> = {
    addEventListener: (sign: string, told: () => void) => (listeners[sign] = told),
    setInterval: () => 0,
    document: { querySelector: () => ({ value: "token" }) },
    location: { pathname: "/host/1" },
    navigator: { sendBeacon: (path: string, form: FormData) => beacons.push([path, Object.fromEntries(form.entries())]) },
  };
  for (const [name, value] of Object.entries(around)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  const link = { send: (name: string, fields: object) => new Promise<void>((resolve) => { sent.push([name, fields]); answers.push(resolve); }) };
  const hands = new Hands(link as unknown as Link, theirs);
  const goes = (): void => listeners["pagehide"]!();
  const answered = async (): Promise<void> => {
    answers.splice(0).forEach((resolve) => resolve());
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { hands, sent, beacons, goes, answered };
}

test("a page that goes lays down what it took, though it has not heard yet that it has it", async () => {
  const { hands, beacons, goes } = page(() => false);
  void hands.take(7);
  goes();
  assert.deepEqual(beacons, [["/do/question.release", { csrf: "token", question: "7", back: "/host/1" }]]);
});

test("a page that holds nothing says nothing as it goes", async () => {
  const { hands, beacons, goes, answered } = page(() => true);
  goes();
  void hands.take(7);
  await answered();
  hands.done(7);
  goes();
  assert.deepEqual(beacons, []);
});

test("what is laid down is laid down after it was taken, and before the next is", async () => {
  const { hands, sent, answered } = page(() => false);
  void hands.take(7);
  void hands.take(8);
  await answered();
  await answered();
  await answered();
  assert.deepEqual(sent, [["question.claim", { question: 7 }], ["question.release", { question: 7 }], ["question.claim", { question: 8 }]]);
});
