import assert from "node:assert/strict";
import { test } from "node:test";
import { solve } from "../src/proof.js";

// Made by the server's own library: altcha.create_challenge("PBKDF2/SHA-256", 10, counter=37).
const parameters = {
  nonce: "8a38cb7221f30186091217c1572019c7",
  salt: "1b0b6610a7a47f025dc9efc25711d971",
  cost: 10,
  keyLength: 32,
  keyPrefix: "bcf2c1962bc302b925ff18b2ef2b0867",
};

test("a browser finds the counter and the key that the server hid", async () => {
  const derivedKey = "bcf2c1962bc302b925ff18b2ef2b08673a9e59fd8a981a219930c3ee87d5a4ae";
  assert.deepEqual(await solve({ parameters, signature: "" }), { counter: 37, derivedKey });
});

test("what has no answer is given up", async () => {
  assert.equal(await solve({ parameters: { ...parameters, cost: 1, keyPrefix: "not hexadecimal" }, signature: "" }), null);
});
