// 长辈版：读出新答复。声音由浏览器给；没有中文声音的设备，写一句话说明。
import { device } from "./device.js";
import { byId, show } from "./parts.js";
import type { Item, Room } from "./store.js";
import { canSpeak, hush, rate, say, speaksChinese } from "./voice.js";

export class Aloud {
  private on = device.read<boolean>("read") ?? false;

  constructor() {
    if (!byId("read-choice")) return;
    if (!canSpeak()) {
      show("read-none", true);
      return;
    }
    this.offer();
    speechSynthesis.addEventListener?.("voiceschanged", () => this.offer());
    setTimeout(() => this.offer(true), 2_000);
    document.addEventListener("change", (event) => {
      const { name, value } = event.target as HTMLInputElement;
      if (name === "read") this.turn(value === "on");
      if (name === "rate") device.write("rate", value);
    });
    for (const [name, value] of [["read", this.on ? "on" : "off"], ["rate", rate()]] as const) {
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
      say(`${item.speaker ?? item.body ?? ""}${q ? `答${q.number}号：` : "说："}${item.text}`);
    }
  }

  private turn(on: boolean): void {
    this.on = on;
    device.write("read", on);
    if (!on) hush();
  }

  private offer(last = false): void {
    const able = speaksChinese();
    show("read-choice", able);
    show("rate-choice", able);
    if (able || last) show("read-none", !able);
  }
}
