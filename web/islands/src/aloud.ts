// 长辈版：读出新答复。声音由浏览器给；没有中文声音的设备，写一句话说明。
import { device } from "./link.js";
import { byId, show } from "./parts.js";
import type { Item, Room } from "./store.js";

const RATES: Record<string, number> = { slow: 0.75, mid: 1, fast: 1.35 };

export class Aloud {
  private on = device.read<boolean>("read") ?? false;
  private rate = device.read<string>("rate") ?? "slow";

  constructor() {
    if (!byId("read-choice")) return;
    if (!("speechSynthesis" in window)) {
      show("read-none", true);
      return;
    }
    this.offer();
    speechSynthesis.addEventListener?.("voiceschanged", () => this.offer());
    setTimeout(() => this.offer(true), 2_000);
    document.addEventListener("change", (event) => {
      const { name, value } = event.target as HTMLInputElement;
      if (name === "read") this.turn(value === "on");
      if (name === "rate") device.write("rate", (this.rate = value));
    });
    for (const [name, value] of [["read", this.on ? "on" : "off"], ["rate", this.rate]] as const) {
      const radio = document.querySelector<HTMLInputElement>(`input[name="${name}"][value="${value}"]`);
      if (radio) radio.checked = true;
    }
  }

  /** Read what somebody said, after what is being read now. */
  read(items: Item[], room: Room): void {
    if (!this.on || document.documentElement.dataset["mode"] !== "elder") return;
    for (const item of items) {
      if (item.kind === "question" || item.removed || !item.text) continue;
      const q = item.question === null ? null : room.questions[String(item.question)];
      const words = new SpeechSynthesisUtterance(`${item.speaker ?? item.body ?? ""}${q ? `答${q.number}号：` : "说："}${item.text}`);
      words.lang = "zh-CN";
      words.rate = RATES[this.rate] ?? 1;
      speechSynthesis.speak(words);
    }
  }

  private turn(on: boolean): void {
    this.on = on;
    device.write("read", on);
    if (!on) speechSynthesis.cancel();
  }

  private offer(last = false): void {
    const able = speechSynthesis.getVoices().some((voice) => voice.lang.toLowerCase().startsWith("zh"));
    show("read-choice", able);
    show("rate-choice", able);
    if (able || last) show("read-none", !able);
  }
}
