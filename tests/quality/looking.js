// What a test asks a page: functions that read the page and change nothing. Each returns plain values.
(() => {
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const classes = [...element.classList].slice(0, 2).map((one) => `.${one}`).join("");
    const text = (element.getAttribute("aria-label") || element.textContent || element.getAttribute("name") || "").trim();
    return `${element.localName}${id}${classes} “${text.slice(0, 40)}”`;
  };

  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && [...element.getClientRects()].some((box) => box.width > 1 && box.height > 1);

  // How far the page reaches beyond the window, and the elements that do: [] when it fits. What the page as a
  // whole cuts off does not fit; what scrolls within the page, or is cut in a part that does that, does.
  const overflowing = () => {
    const root = document.documentElement;
    const width = root.clientWidth;
    const page = document.scrollingElement.scrollWidth;
    const inside = (element) => {
      for (let up = element.parentElement; up && !up.matches("html, body, main"); up = up.parentElement) {
        if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX)) return true;
      }
      return false;
    };
    const beyond = [...document.body.querySelectorAll("*")].filter((element) => shown(element)
      && element.getBoundingClientRect().right > width + 0.5 && !inside(element));
    if (page <= width && beyond.length === 0) return [];
    return [`${page} of ${width} px`, ...beyond.slice(0, 4).map(name)];
  };

  // The element with the focus, and whether one sees that it has it; null when none has.
  const focused = () => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const ring = (one) => {
      const style = getComputedStyle(one);
      return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
    };
    const box = element.getBoundingClientRect();
    return {
      name: name(element),
      id: element.id,
      class: element.className.toString(),
      kind: element.localName,
      place: [...document.querySelectorAll("*")].indexOf(element),
      visible: ring(element) || (element.parentElement !== null && element.parentElement.matches(":focus-within")
        && ring(element.parentElement)),
      inside: box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth
        && box.bottom > 0 && box.top < innerHeight,
    };
  };

  // The texts that can be read in the content, as a list of lines; controls are left out, and what matches `without`.
  const readable = (without = "script") => {
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const lines = [];
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const words = text.data.trim();
      const parent = text.parentElement;
      if (words && !parent.closest("button, form, dialog, select, script, nav, .hidden")
        && !parent.closest(without) && shown(parent)) lines.push(words);
    }
    return lines;
  };

  // Controls that are shown and do nothing where scripts are off.
  const dead = () => {
    const sends = (element) => element.form && element.form.hasAttribute("action");
    const idle = [...document.querySelectorAll("button, input, select, textarea, [role=button]")]
      .filter((element) => shown(element) && !sends(element));
    const nowhere = [...document.querySelectorAll("a")].filter((link) => shown(link)
      && (!link.hasAttribute("href") || link.getAttribute("href") === "#" || link.protocol === "javascript:"));
    return [...idle, ...nowhere].map(name);
  };

  // What moves by itself, or takes its time to change.
  const moving = () => [document.documentElement, ...document.body.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element);
    const takes = (times) => times.split(",").some((time) => parseFloat(time) > 0.01);
    return takes(style.transitionDuration) || (style.animationName !== "none" && takes(style.animationDuration))
      || style.scrollBehavior === "smooth";
  }).slice(0, 5).map(name);

  window.looking = { overflowing, focused, readable, dead, moving };
})();
