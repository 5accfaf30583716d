// The page of a plugin: copies what is to be copied, shows screenshots large, and videos where they stand.
// Without it, code can be selected, and pictures and videos are links.

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// Copying

const told = document.getElementById("told");

async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch { /* no permission, or no https: the old way, which leaves the text selected */ }
  getSelection().selectAllChildren(source);
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const word = button.textContent;
  let timer;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const done = await copy(source);
    button.textContent = done ? "Copied" : "Selected";
    told.textContent = done ? "Copied" : "Selected: copy it with Ctrl and C";
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = word;
      told.textContent = "";
    }, 3000);
  });
}

// Screenshots

const shots = [...document.querySelectorAll("a.shot")].map((link) => ({
  link,
  alt: link.querySelector("img").alt,
  caption: link.closest("figure").querySelector("figcaption")?.textContent.trim() ?? "",
}));

function lightbox() {
  const button = (text, action) => make("button", { type: "button", className: "button plain", textContent: text, onclick: action });
  const picture = make("img", { decoding: "async" });
  const caption = make("p");
  const count = make("span", { className: "count" });
  count.setAttribute("role", "status");
  const bar = make("div", { className: "lightbox-bar" }, count);
  const dialog = make("dialog", { className: "lightbox", ariaLabel: "Screenshots" }, bar, picture, caption);
  let now = 0;
  const show = (index) => {
    now = (index + shots.length) % shots.length;
    const { link, alt, caption: words } = shots[now];
    picture.src = link.href;
    picture.alt = alt;
    caption.textContent = words || alt;
    count.textContent = `${now + 1} of ${shots.length}`;
  };
  if (shots.length > 1) bar.append(button("Previous", () => show(now - 1)), button("Next", () => show(now + 1)));
  bar.append(button("Close", () => dialog.close()));
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(now + step);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target === picture) dialog.close(); });
  dialog.addEventListener("close", () => shots[now].link.focus());
  document.body.append(dialog);
  return (index) => {
    show(index);
    dialog.showModal();
  };
}

let open;
shots.forEach(({ link }, index) => link.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open ??= lightbox();
  open(index);
}));

// Videos: nothing is asked of anybody before the click.

for (const link of document.querySelectorAll("p.video > a")) {
  const id = new URL(link.href).searchParams.get("v");
  if (!/^[\w-]{5,20}$/.test(id ?? "")) continue;
  link.textContent = "Play the video, from YouTube";
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const frame = make("iframe", {
      title: "Video on YouTube",
      allow: "encrypted-media; picture-in-picture",
      allowFullscreen: true,
      referrerPolicy: "strict-origin-when-cross-origin",
    });
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-presentation");
    frame.src = `https://www.youtube-nocookie.com/embed/${id}`;
    link.replaceWith(frame);
    frame.focus();
  });
}
