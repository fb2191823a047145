// The page is another one once its interview's status changed. It turns by itself, but not under the hands of somebody
// who writes: what stands in a field, or is on its way, would be gone.
import { draw, html } from "./parts.js";

const WORDS: Record<string, string> = { live: "访谈开始了", ended: "访谈结束了" };

/** A turn that was put off is made by whoever works here. */
let putOff = false;

/** Whether something was written or chosen within that a new page would not have. */
export function edited(within: ParentNode): boolean {
  const areas = [...within.querySelectorAll<HTMLTextAreaElement>("textarea")];
  return areas.some((area) => area.value.trim() !== "" && area.value !== area.defaultValue);
}

function chosen(dialog: HTMLDialogElement): boolean {
  const inputs = [...dialog.querySelectorAll<HTMLInputElement>("input")];
  const selects = [...dialog.querySelectorAll("select")];
  return inputs.some((one) => one.checked !== one.defaultChecked) || selects.some((one) => one.selectedIndex > 0);
}

function underHands(): boolean {
  const dialog = document.querySelector<HTMLDialogElement>("dialog[open]");
  return edited(document) || Boolean(dialog && chosen(dialog)) || document.querySelector("form[data-busy]") !== null;
}

/** The head of a page that stays as it was while its interview ended does not say that something is going on. */
export function sayOver(): void {
  const badge = document.querySelector(".live-head .state");
  badge?.replaceChildren("访谈结束了");
  badge?.classList.replace("state--live", "state--ended");
  document.getElementById("clock")?.remove();
}

/** Turn the page, or say that it is to be turned; `anew` where an act of one's own has just ended. */
export function turn(status: string, anew = false): boolean {
  if (putOff && !anew) return false;
  putOff = underHands();
  if (!putOff) {
    location.reload();
    return true;
  }
  if (status === "ended") sayOver();
  draw("turned", html`<div class="note note--warn"><p>${WORDS[status] ?? "访谈有变动"}，写完请刷新。</p><p class="gap-top"><button type="button" class="btn btn--plain btn--small" @click=${() => location.reload()}>刷新</button></p></div>`);
  return false;
}
