// 长辈版的开关和字号：没有脚本时由服务器换页，有脚本时就地换；两边记在同一个 cookie 里。
const root = document.documentElement;

function keep(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `fangtan_${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

function press(selector: string, pressed: (button: HTMLButtonElement) => boolean): void {
  document.querySelectorAll<HTMLButtonElement>(selector).forEach((button) => {
    button.setAttribute("aria-pressed", String(pressed(button)));
  });
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-mode-switch]")) {
    event.preventDefault();
    const mode = root.dataset["mode"] === "elder" ? "normal" : "elder";
    root.dataset["mode"] = mode;
    keep("mode", mode);
    press("[data-mode-switch]", () => mode === "elder");
    document.querySelectorAll<HTMLButtonElement>("[data-mode-switch]").forEach((button) => {
      button.value = mode === "elder" ? "normal" : "elder";
    });
  }
  const size = target.closest<HTMLButtonElement>('button[name="size"]');
  if (size) {
    event.preventDefault();
    root.dataset["size"] = size.value;
    keep("size", size.value);
    press('button[name="size"]', (button) => button.value === size.value);
  }
});
