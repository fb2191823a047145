// The browser's own voice: whether it speaks Chinese, and how fast the reader wants it.
import { device } from "./device.js";

const RATES: Record<string, number> = { slow: 0.75, mid: 1, fast: 1.35 };

/** Whether this browser could speak at all; its voices may come later. */
export const canSpeak = (): boolean => "speechSynthesis" in window;

export const speaksChinese = (): boolean => canSpeak() && speechSynthesis.getVoices().some((voice) => voice.lang.toLowerCase().startsWith("zh"));

export const rate = (): string => device.read<string>("rate") ?? "slow";

/** Say something after what is being said now; `ended` when it is over or was stopped. */
export function say(text: string, ended?: () => void): void {
  const words = new SpeechSynthesisUtterance(text);
  words.lang = "zh-CN";
  words.rate = RATES[rate()] ?? 1;
  if (ended) words.onend = words.onerror = ended;
  speechSynthesis.speak(words);
}

export function hush(): void {
  if (canSpeak()) speechSynthesis.cancel();
}
