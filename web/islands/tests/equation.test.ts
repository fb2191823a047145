// The server's own equation, through this reducer: FANGTAN_CASES names a file of JSON lines
// {"name", "before", "events", "after"} written from real commands; without it there is nothing to compare with.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { apply, type State, type StreamEvent } from "../src/store.js";

interface Case { name: string; before: State; events: StreamEvent[]; after: State }

const file = process.env["FANGTAN_CASES"] ?? "";
const cases = existsSync(file)
  ? readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line) as Case)
  : [];

test("apply(state before, events) is the state after, as on the server", { skip: cases.length ? false : "FANGTAN_CASES names no file" }, () => {
  for (const one of cases) assert.deepEqual(one.events.reduce(apply, one.before), one.after, one.name);
});
