// Keys of the console and of the lists: they are heard only while nobody writes and no dialog is open, and can be switched off (WCAG 2.1.4).
import { device } from "./device.js";

export type Keys = Record<string, () => void>;
const WRITING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

let listening = device.read<boolean>("keys") ?? true;

function drawSwitch(box: HTMLElement): void {
  box.hidden = false;
  const label = document.createElement("label");
  label.className = "choice choice--check";
  const check = document.createElement("input");
  check.type = "checkbox";
  check.checked = listening;
  check.addEventListener("change", () => device.write("keys", (listening = check.checked)));
  const words = document.createElement("span");
  words.textContent = "用这些键";
  label.append(check, words);
  box.append(label);
}

function showTable(box: HTMLElement | null): void {
  box?.setAttribute("tabindex", "-1");
  box?.focus();
  box?.scrollIntoView({ block: "nearest" });
}

/** In a dialog of reasons a digit chooses one and sends it: two deliberate presses, D and the digit. */
function digit(event: KeyboardEvent, dialog: Element): void {
  const reason = dialog.querySelector<HTMLInputElement>(`input[data-digit="${event.key}"]`);
  if (!reason || (event.target as Element).closest("textarea, select")) return;
  event.preventDefault();
  reason.checked = true;
  reason.form?.requestSubmit();
}

/** From now on `keys` are heard; arrows only where they would not scroll something that is being read. */
export function listen(keys: Keys): void {
  const box = document.getElementById("keys-box");
  if (box) drawSwitch(box);
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.isComposing || !listening || event.ctrlKey || event.altKey || event.metaKey) return;
    const dialog = document.querySelector("dialog[open]");
    if (dialog) {
      digit(event, dialog);
      return;
    }
    if (target.closest(WRITING)) return;
    const key = { ArrowDown: "j", ArrowUp: "k", "？": "?", "【": "[", "】": "]" }[event.key] ?? event.key.toLowerCase();
    if (event.key.startsWith("Arrow") && (target.closest("input, summary") || (target !== document.body && !target.closest("[data-pick]")))) return;
    const press = key === "?" ? () => showTable(box) : keys[key];
    if (!press) return;
    press();
    event.preventDefault();
  });
}
