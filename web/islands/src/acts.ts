// Staff acts: every form with data-command goes over the link; what became of it is said beside it, in words.
import type { Answer, Failure, Link } from "./link.js";

const NUMBERS = new Set(["question", "into", "item", "interview", "body", "minutes", "seconds", "year"]);

/** A form's fields as a command's object: numbers as numbers, what is empty left out. */
export function fieldsOf(form: HTMLFormElement): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  new FormData(form).forEach((value, name) => {
    if (name === "csrf" || name === "back" || typeof value !== "string" || !value.trim()) return;
    fields[name] = NUMBERS.has(name) ? Number(value) : value;
  });
  return fields;
}

export function say(form: Element, text: string, bad: boolean): void {
  const place = form.querySelector(".act-state");
  if (!place) return;
  place.textContent = text;
  place.classList.toggle("bad", bad);
}

export type Done = (command: string, form: HTMLFormElement, result: Record<string, unknown>, fields: Record<string, unknown>) => void;

export type Failed = (command: string, fields: Record<string, unknown>, error: Failure, form: HTMLFormElement) => void;

/** From now on the page's acts go over the link; `done` is told of each that succeeded, `failed` of each that did not. */
export function takeActs(link: Link, done: Done, failed: Failed = () => {}): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const command = form.dataset["command"];
    const submitter = event.submitter as HTMLButtonElement | null;
    if (!command || submitter?.hasAttribute("data-no-script")) return;
    event.preventDefault();
    if (form.dataset["busy"]) return;
    void carryOut(link, form, command, done, failed);
  });
  document.addEventListener("click", openDialog);
}

async function carryOut(link: Link, form: HTMLFormElement, command: string, done: Done, failed: Failed): Promise<void> {
  form.dataset["busy"] = "yes";
  say(form, "正在送", false);
  const fields = fieldsOf(form);
  const answer: Answer<Record<string, unknown>> = await link.send(command, fields);
  delete form.dataset["busy"];
  if (!answer.ok) {
    const { message, article } = answer.error;
    say(form, article ? `${message}（${article}）` : message, true);
    failed(command, fields, answer.error, form);
    return;
  }
  say(form, "办好了。", false);
  empty(form);
  form.closest("dialog")?.close();
  done(command, form, answer.result, fields);
}

const empty = (form: HTMLFormElement): void => form.querySelectorAll("textarea").forEach((area) => (area.value = ""));

/**
 * An act was carried out, or let go, away from its form: what the form said of it is over, and so is its text, unless
 * somebody wrote on there meanwhile.
 */
export function settleForms(command: string, fields: Record<string, unknown>, carriedOut: boolean): void {
  document.querySelectorAll<HTMLFormElement>(`form[data-command="${command}"]`).forEach((form) => {
    const now = fieldsOf(form);
    if (form.dataset["busy"] || ["question", "item", "interview"].some((name) => now[name] !== fields[name])) return;
    const unchanged = JSON.stringify(now) === JSON.stringify(fields);
    if (carriedOut && unchanged) empty(form);
    say(form, carriedOut && unchanged ? "送到了。" : "", false);
  });
}

/** What unfolds without a script is a dialog with one. It shows a copy, so that redrawing a list does not close it. */
function openDialog(event: MouseEvent): void {
  const details = (event.target as Element).closest("summary")?.closest<HTMLElement>("details[data-dialog]");
  const inside = details?.querySelector(".confirm-in");
  if (!details || !inside) return;
  event.preventDefault();
  const copy = inside.cloneNode(true) as HTMLElement;
  renameIds(copy);
  showDialog(copy, "先不办");
}

/** A dialog of its own, which is gone once it is closed; `leave` is on the button that only closes it. */
export function showDialog(copy: HTMLElement, leave: string): HTMLDialogElement {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  copy.className = "dialog-in";
  const back = document.createElement("button");
  back.type = "button";
  back.className = "btn btn--plain";
  back.textContent = leave;
  back.addEventListener("click", () => dialog.close());
  (copy.querySelector(".dialog-acts") ?? copy).append(back);
  dialog.append(copy);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.setAttribute("aria-label", copy.querySelector("h2")?.textContent ?? "");
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function renameIds(part: HTMLElement): void {
  for (const name of ["id", "for", "aria-describedby", "aria-labelledby"])
    part.querySelectorAll(`[${name}]`).forEach((element) => {
      const renamed = (element.getAttribute(name) ?? "").split(" ").map((id) => `dialog-${id}`);
      element.setAttribute(name, renamed.join(" "));
    });
}
