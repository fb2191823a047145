// What is wrong with the page that is open, at the width it has now: one line for each place.
// Called with what the mode asks for: { target, text, contrast, leading, elder } in px, px, a ratio, a factor, a bool.
({ target, text, contrast, leading, elder }) => {
  const found = new Set();
  // A colour on its way to another is neither; what never ends is told of at the end.
  const endless = (one) => one.effect?.getComputedTiming().iterations === Infinity;
  for (const one of document.getAnimations()) if (!endless(one)) one.finish();
  const seen = (e) => {
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    return e.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1
      && box.right > 0 && box.bottom + scrollY > 0 && style.clipPath === "none" && style.clip === "auto"
      && !e.closest(".vh");
  };
  const words = (e) => (e.textContent || e.value || "").trim().replace(/\s+/g, " ").slice(0, 20);
  const named = (e) => `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""} “${words(e)}”`;

  // Targets, as people press them: the label of a radio button, the padded box of a link in a sentence.
  // Width is not asked of a link inside running text, where the words decide it (WCAG 2.5.8, "inline").
  const inside = document.querySelector("dialog[open]") ?? document;
  const pressed = 'a[href], button, summary, select, textarea, input:not([type="hidden"]), [tabindex="0"]';
  for (const one of inside.querySelectorAll(pressed)) {
    const e = one.matches('[type="radio"], [type="checkbox"]') ? one.closest("label") ?? one : one;
    if (!seen(e) || one.disabled) continue;
    const inline = getComputedStyle(e).display === "inline";
    const boxes = inline ? [...e.getClientRects()] : [e.getBoundingClientRect()];
    const high = Math.max(...boxes.map((box) => box.height));
    const wide = Math.max(...boxes.map((box) => box.width));
    if (high < target - 0.5 || (!inline && wide < target - 0.5))
      found.add(`target ${Math.round(wide)}×${Math.round(high)}: ${named(e)}`);
  }

  // Colours: the computed one of each text over what is painted behind it (WCAG 2.2, "relative luminance").
  const read = (colour) => {
    const numbers = (colour.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
    if (colour.startsWith("color(srgb")) return [...numbers.slice(0, 3).map((one) => one * 255), numbers[3] ?? 1];
    if (colour.startsWith("rgb")) return [...numbers.slice(0, 3), numbers[3] ?? 1];
    return null;
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((one, at) => one * a + under[at] * (1 - a));
  const light = (colour) => {
    const [r, g, b] = colour.map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const shape = "rect, path, circle, polygon";
  const behind = (e) => {
    if (e === null) return [255, 255, 255];
    const svg = e instanceof SVGElement && !(e instanceof SVGSVGElement) && e.ownerSVGElement;
    if (svg) {
      const box = e.getBoundingClientRect();
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const under = [...svg.querySelectorAll(shape)].filter((one) => {
        const around = one.getBoundingClientRect();
        return one.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING
          && around.left <= x && x <= around.right && around.top <= y && y <= around.bottom;
      });
      return under.reduce((ground, one) => {
        const fill = read(getComputedStyle(one).fill);
        return fill === null ? ground : over(fill, ground);
      }, behind(svg));
    }
    const own = read(getComputedStyle(e).backgroundColor);
    if (own === null) return null;
    if (own[3] === 1) return own.slice(0, 3);
    const under = behind(e.parentElement);
    return under === null ? null : over(own, under);
  };
  const faded = (e) => {
    let whole = 1;
    for (let one = e; one; one = one.parentElement) whole *= Number(getComputedStyle(one).opacity);
    return whole;
  };
  const weigh = (e, pseudo) => {
    const style = getComputedStyle(e, pseudo);
    const colour = read(e instanceof SVGElement ? style.fill : style.color);
    const own = pseudo && pseudo !== "::placeholder" ? read(style.backgroundColor) : null;
    const under = behind(e);
    if (colour === null || under === null) return found.add(`colour ${style.color} cannot be read: ${named(e)}`);
    const ground = own ? over(own, under) : under;
    const drawn = over([...colour.slice(0, 3), colour[3] * faded(e)], ground);
    const got = ratio(drawn, ground);
    if (got < contrast - 0.005) found.add(`contrast ${got.toFixed(2)}: ${named(e)}${pseudo ?? ""}`);
  };

  // Every text that can be seen: its colour, its size, and how far apart its lines are where it has several.
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const parents = new Map();
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement;
    if (!node.textContent.trim() || e.closest("script, style, option, title, textarea, progress, meter") || !seen(e)) continue;
    if (!parents.has(e)) parents.set(e, []);
    parents.get(e).push(node);
  }
  for (const [e, nodes] of parents) {
    if (!e.closest(":disabled")) weigh(e);
    const style = getComputedStyle(e);
    const size = parseFloat(style.fontSize);
    if (size < text - 0.01) found.add(`text ${size}px: ${named(e)}`);
    const lines = new Set();
    for (const node of nodes) {
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) if (box.width > 1) lines.add(Math.round(box.top));
    }
    const apart = parseFloat(style.lineHeight) / size;
    if (leading && lines.size > 1 && apart < leading - 0.01) found.add(`lines ${apart.toFixed(2)} apart: ${named(e)}`);
  }
  for (const e of document.body.querySelectorAll("*")) {
    for (const pseudo of ["::before", "::after"]) {
      if (/"[^"]*[\p{L}\p{N}!?×]/u.test(getComputedStyle(e, pseudo).content) && seen(e)) weigh(e, pseudo);
    }
  }
  for (const e of document.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select")) {
    if (seen(e) && !e.disabled) weigh(e, e.placeholder && !e.value ? "::placeholder" : undefined);
  }

  // Nothing wider than the window.
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const out = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1);
    const last = out.slice(-1).map((e) => `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""}`);
    found.add(`${root.scrollWidth} px wide in a window of ${root.clientWidth}: ${last}`);
  }

  // One first heading, and no level left out on the way down; what is said first on a page may be of the second.
  const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter((e) => e.checkVisibility() && !e.closest("dialog")).map((e) => Number(e.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) found.add(`headings: ${levels.filter((level) => level === 1).length} of the first level`);
  levels.forEach((level, at) => {
    if (level > (levels[at - 1] ?? 1) + 1) found.add(`headings: h${level} after h${levels[at - 1] ?? 1}`);
  });

  if (elder && document.documentElement.dataset.room !== "staff") {
    // A single column for citizens: no part of the page beside another.
    const parts = [...document.querySelectorAll("main :is(section, article, aside, nav, form, .cols > *)")].filter(seen);
    for (const [at, one] of parts.entries()) {
      const a = one.getBoundingClientRect();
      const beside = parts.slice(at + 1).find((other) => {
        const b = other.getBoundingClientRect();
        return !one.contains(other) && one.parentElement === other.parentElement && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 120
          && (a.right <= b.left + 1 || b.right <= a.left + 1);
      });
      if (beside) found.add(`beside each other: ${named(one)} and ${named(beside)}`);
    }
  }
  // Nothing moves by itself.
  const moving = document.getAnimations().filter(endless);
  if (moving.length || document.querySelector("marquee, [autoplay], blink")) found.add(`moves by itself: ${moving.length} animations`);
  return [...found];
}
