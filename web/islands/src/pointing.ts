// 链接到这条: with a script the address of an item is copied; without one it is a plain link to the same address.
const SAID_MS = 4_000;

/** Whoever listens hears it too; the place is made once. */
function announce(words: string): void {
  let place = document.getElementById("copied");
  if (!place) {
    place = document.createElement("p");
    place.id = "copied";
    place.className = "vh";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  place.textContent = words;
}

async function copy(link: HTMLAnchorElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(link.href);
  } catch {
    // Where the browser does not let us copy, the link does what links do.
    location.assign(link.href);
    return;
  }
  history.replaceState(history.state, "", link.href);
  const place = link.querySelector(".item-link");
  const before = place?.textContent ?? "";
  if (place && before !== "已复制") {
    place.textContent = "已复制";
    setTimeout(() => (place.textContent = before), SAID_MS);
  }
  announce("这一条的地址已复制，可以发给别人。");
}

/** Links that carry data-copy copy; a press with a key held, or without a clipboard, opens the address. */
export function pointing(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-copy]");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || !navigator.clipboard) return;
    event.preventDefault();
    void copy(link);
  });
}
