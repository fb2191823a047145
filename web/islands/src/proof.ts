// Ten submissions a minute are free; whoever needs more lets the device compute for a second or two (ALTCHA).
import { formToken } from "./link.js";

interface Challenge { parameters: { nonce: string; salt: string; cost: number; keyLength: number; keyPrefix: string }; signature: string }
interface Solution { counter: number; derivedKey: string }

/** Tries under way together: they run beside the page, and more would only keep a phone busy after the answer is found. */
const TOGETHER = 8;
const MOST_TRIES = 20_000;

/** Fetch a challenge, solve it, hand it in; whether the visitor may submit again now. Never throws. */
export async function prove(): Promise<boolean> {
  try {
    const challenge = (await (await asked("/api/challenge")).json()) as Challenge;
    const solution = await solve(challenge);
    if (!solution) return false;
    const payload = btoa(JSON.stringify({ challenge, solution }));
    await asked("/api/proof", { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": formToken() }, body: JSON.stringify({ payload }) });
    return true;
  } catch {
    // Out of reach, refused, or a browser without crypto.subtle (http on another machine): waiting helps as well.
    return false;
  }
}

async function asked(path: string, how: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, how);
  if (!response.ok) throw new Error(String(response.status));
  return response;
}

/** The counter whose key begins as the challenge says; the browser derives keys on threads of its own. */
export async function solve({ parameters: { nonce, salt, cost, keyLength, keyPrefix } }: Challenge): Promise<Solution | null> {
  const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  const attempt = async (counter: number): Promise<Solution> => {
    new DataView(password.buffer).setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password.slice(), "PBKDF2", false, ["deriveBits"]);
    return { counter, derivedKey: hex(await crypto.subtle.deriveBits(how, key, keyLength * 8)) };
  };
  for (let from = 0; from < MOST_TRIES; from += TOGETHER) {
    const tried = await Promise.all(Array.from({ length: TOGETHER }, (_, more) => attempt(from + more)));
    const found = tried.find(({ derivedKey }) => derivedKey.startsWith(keyPrefix));
    if (found) return found;
  }
  return null;
}

const bytes = (written: string): Uint8Array<ArrayBuffer> => Uint8Array.from(written.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer: ArrayBuffer): string => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
