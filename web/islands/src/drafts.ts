// 没有交的字存在这台设备上。What somebody has written and not sent yet stays on the device until the server has taken it.
// Only the text: a way to reach somebody is never kept.
import { device, tab } from "./device.js";

interface Draft { text: string; at: number }

/** For how long something half written is offered again. */
const KEPT_MS = 30 * 86_400_000;
/** The draft whose form was sent; the page that comes next says whether it was taken. */
const SENT = "sent-draft";

/** Whether a draft is recent enough to be offered; one from before they were dated is. */
export const recent = (at: number | undefined): boolean => at === undefined || Date.now() - at < KEPT_MS;

/** Says before a field that what stands in it was kept here, with the button that clears it. */
export function tellRestored(field: Element, clear: () => void): void {
  const note = document.createElement("p");
  note.className = "note draft-note";
  note.setAttribute("role", "status");
  const words = document.createElement("span");
  words.textContent = "上次没有交的字，存在这台设备上，现在放回来了。";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--plain btn--small";
  button.textContent = "清除";
  button.addEventListener("click", () => {
    note.remove();
    clear();
  });
  note.append(words, button);
  field.before(note);
}

export function hideRestored(form: Element): void {
  form.querySelector(".draft-note")?.remove();
}

/** A form that is sent by the browser itself. */
function keep(form: HTMLFormElement): void {
  const area = form.querySelector<HTMLTextAreaElement>('textarea[name="text"]');
  const key = `draft.${form.dataset["draft"] ?? ""}`;
  if (!area) return;
  const kept = device.read<Draft>(key);
  const refused = form.querySelector('[role="alert"]') !== null;
  if (kept && !recent(kept.at)) device.write(key, null);
  else if (kept && !refused && kept.text !== area.value && area.value === area.defaultValue) {
    const before = area.value;
    area.value = kept.text;
    tellRestored(area.closest(".field") ?? area, () => {
      device.write(key, null);
      area.value = before;
      area.focus();
    });
  }
  area.addEventListener("input", () => device.write(key, area.value.trim() ? { text: area.value, at: Date.now() } : null));
  form.addEventListener("submit", () => tab.write(SENT, key));
}

/** After a form was sent: the page that says it was taken lets the draft go, any other one keeps it. */
function settle(): void {
  const key = tab.read(SENT);
  // The page that the device shows without a line says nothing about what the server did.
  if (!key || document.documentElement.dataset["kept"] !== undefined) return;
  tab.write(SENT, null);
  if (document.getElementById("main")?.dataset["accepted"] !== undefined) device.write(key, null);
}

export function start(): void {
  settle();
  document.querySelectorAll<HTMLFormElement>("form[data-draft]").forEach(keep);
}
