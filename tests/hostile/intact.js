// What is wrong with the page that the browser shows, as sentences: what an attack could have changed.
(expected) => {
  const faults = [];
  const say = (text) => { if (faults.length < 20) faults.push(text); };
  const name = (node) => node.outerHTML.slice(0, 120);
  const all = [...document.querySelectorAll("*")];

  // Nothing ran, and nothing waits to run.
  if ("taken" in window || document.title === "taken") say("a script of the attack ran");
  for (const node of all) {
    for (const { name: key } of node.attributes) {
      if (/^on/i.test(key)) say(`an event handler: ${name(node)}`);
      if (/^(style|srcdoc|srcset|formaction|ping|background|poster|target|accesskey|contenteditable|autofocus|is|slot|part|itemscope|itemprop|dir|lang|nonce|usemap|longdesc|lowsrc|dynsrc|attributionsrc|manifest|http-equiv|xlink:href|popover|popovertarget)$/i.test(key)
        && !expected.attributes.includes(`${node.localName} ${key}`)) say(`the attribute ${key}: ${name(node)}`);
      if (/^(href|src|action|data|cite)$/i.test(key)) {
        const value = node.getAttribute(key);
        let url;
        try { url = new URL(value, location.href); } catch { say(`an address that is none: ${name(node)}`); continue; }
        if (!["http:", "https:", "mailto:"].includes(url.protocol)) say(`an address of ${url.protocol}: ${name(node)}`);
        if (url.username || url.password) say(`an address with a user: ${name(node)}`);
        if (key !== "href" && url.origin !== location.origin) say(`asks ${url.host}: ${name(node)}`);
        if (node.localName === "link" && !["canonical"].includes(node.rel) && url.origin !== location.origin) say(`asks ${url.host}: ${name(node)}`);
      }
    }
    if (/^(iframe|frame|frameset|object|embed|applet|base|style|template|audio|video|source|track|picture|marquee|math|foreignobject|use|image|animate|set|portal|fencedframe|plaintext|xmp|textarea|noembed|noframes|isindex|font|center|bdo|area|map|param|bgsound|layer|canvas|slot)$/i.test(node.localName)) say(`an element that no page has: ${name(node)}`);
    if (node.localName.includes("-")) say(`an element of its own: ${name(node)}`);
    if (node.shadowRoot) say(`a shadow root: ${name(node)}`);
  }
  for (const script of document.scripts) {
    if (script.type === "application/ld+json") {
      try { JSON.parse(script.text); } catch (error) { say(`JSON-LD that is none: ${error.message}`); }
    } else if (script.text.trim() || !script.src.startsWith(`${location.origin}/assets/js/`)) say(`a script that is not ours: ${name(script)}`);
  }

  // Names of a body take no name of ours.
  const ids = new Map();
  for (const node of all) {
    if (node.id && ids.has(node.id)) say(`the id ${node.id} stands twice`);
    if (node.id) ids.set(node.id, node);
    if (node.parentElement?.closest(".prose") && document.querySelector(".plugin")) {
      if (node.id && !node.id.startsWith("user-content-")) say(`an id of a body: ${name(node)}`);
      if (node.hasAttribute("name")) say(`a name of a body: ${name(node)}`);
      if (node.className && !/^(align-(left|center|right)|language-[A-Za-z0-9_+-]+|remote-picture|external)$/.test(node.className)) say(`a class of a body: ${name(node)}`);
      for (const { name: key } of node.attributes) if (key.startsWith("data-") || key.startsWith("aria-") || key === "role") say(`${key} of a body: ${name(node)}`);
    }
  }
  for (const key of ["getElementById", "querySelector", "createElement", "forms", "cookie", "body", "head", "location", "addEventListener"]) {
    if (Object.prototype.hasOwnProperty.call(document, key) && key !== "location") say(`document.${key} is taken`);
    if (document[key] instanceof HTMLElement && !["body", "head"].includes(key)) say(`document.${key} is an element`);
  }
  for (const form of document.forms) {
    if (!(new URL(form.getAttribute("action") ?? "", location.href).href.startsWith(location.origin))) say(`a form is sent to ${form.getAttribute("action")}`);
    if (form.elements instanceof HTMLElement) say("form.elements is taken");
  }

  // The page's parts, each once and in order; nothing wider than the window, nothing over anything else.
  const parts = ["body > header.top", "body > main#main", "body > footer.bottom"].map((path) => document.querySelectorAll(path));
  if (expected.redirect) return faults;
  parts.forEach((found, index) => { if (found.length !== 1) say(`part ${index} stands ${found.length} times`); });
  if (document.querySelectorAll("main, [role=main]").length !== 1) say("not one main");
  if (document.querySelectorAll("body header.top, body footer.bottom").length !== 2) say("more heads or feet");
  if (document.querySelectorAll("h1").length !== 1) say("not one h1");
  if (parts.every((found) => found.length === 1)) {
    const [top, main, bottom] = parts.map(([node]) => node.getBoundingClientRect());
    if (!(top.height > 20 && main.height > 20 && bottom.height > 20)) say("a part cannot be seen");
    if (!(top.bottom <= main.top + 1 && main.bottom <= bottom.top + 1)) say("the parts are out of order");
    if (Math.abs(bottom.width - document.documentElement.clientWidth) > 1) say("the foot is not as wide as the page");
  }
  const width = document.documentElement.scrollWidth;
  if (width > window.innerWidth) {
    const widest = all.filter((node) => node.getBoundingClientRect().right > window.innerWidth + 1).slice(-1)[0];
    say(`the page is ${width} wide, in a window of ${window.innerWidth}: ${widest ? name(widest) : ""}`);
  }
  if (expected.background && getComputedStyle(document.body).backgroundColor !== expected.background) say("the background is another");
  for (const node of document.querySelectorAll(".prose *, .card *, .panel *, .notice *")) {
    const style = getComputedStyle(node);
    if (node.closest(".prose") && ["fixed", "absolute", "sticky"].includes(style.position) && document.querySelector(".plugin") && !node.matches(".hidden")) say(`lies over others: ${name(node)}`);
    if (style.position === "fixed" && !node.closest("dialog")) say(`is fixed: ${name(node)}`);
  }
  for (const path of [".top .brand", "h1"]) {
    const node = document.querySelector(path);
    node?.scrollIntoView({ block: "center" });
    const box = node?.getClientRects()[0];
    if (!box) continue;
    const hit = document.elementFromPoint(box.left + Math.min(box.width, 100) / 2, box.top + Math.min(box.height, 30) / 2);
    if (hit && !node.contains(hit) && !hit.contains(node)) say(`${path} is covered by ${name(hit)}`);
  }

  // A text that turns the direction ends with its own box: what follows keeps its own.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!/[\u202a-\u202e\u2066-\u2069]/.test(text.data)) continue;
    let box = text.parentElement;
    if (box.closest(".prose, script, title, option, textarea")) continue;
    while (getComputedStyle(box).display === "inline" && !/isolate|plaintext/.test(getComputedStyle(box).unicodeBidi)) box = box.parentElement;
    if (/isolate|plaintext/.test(getComputedStyle(box).unicodeBidi) && getComputedStyle(box).display === "inline") continue;
    if (box.textContent.trim() !== text.data.trim()) say(`turns what stands beside it: ${box.outerHTML.slice(0, 160)}`);
  }
  return faults;
}
