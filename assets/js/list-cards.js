// Cards as _includes/card.html makes them, of the words in /list/cards/ and the figures in the index.

const BADGES = new Map([
  ["disabled", ["bad", "disabled"]], ["adoption", ["warn", "up for adoption"]], ["abandoned", ["warn", "abandoned"]],
  ["archived", ["warn", "archived"]], ["python3", ["good", "Python 3"]], ["python2", ["bad", "no Python 3"]],
]);
const DAY = 86_400_000;
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];

export const figure = (value) => value.toLocaleString("en");

export const counted = (value, one) => `${figure(value)} ${one}${value === 1 ? "" : "s"}`;

function date(day) {
  const when = new Date(day * DAY);
  return `${when.getUTCDate()} ${MONTHS[when.getUTCMonth()]} ${when.getUTCFullYear()}`;
}

// What stands in a card for each sort: its column, the words for a value, the words where it is unknown.
const SHOWN = new Map([
  ["popular", ["instances", (value) => `${figure(value)} in use`, "use unknown"]],
  ["stars", ["stars", (value) => counted(value, "star"), "stars unknown"]],
  ["released", ["released", (value) => `released ${date(value)}`, "no release known"]],
  ["hot", ["installs", (value) => `${counted(value, "new installation")} in a week`, "new installations unknown"]],
  ["rising", ["growth", (value) => `${(1 + value / 100).toFixed(1)}× the usual installations`, "growth unknown"]],
  ["pushed", ["pushed", (value) => `last change ${date(value)}`, "last change unknown"]],
  ["newest", ["registered", (value) => `registered ${date(value)}`, "registration date unknown"]],
]);
const ALWAYS = ["popular", "stars", "released"];

export function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

// mark: what makes a text into nodes, with the words that were searched for marked.
export function card(words, number, { index, sort, mark }) {
  const link = element("a", "", element("bdi", "", mark(words.title)));
  link.href = `${index.base}/plugins/${encodeURIComponent(words.slug).replaceAll("%2B", "+")}/`;
  const item = element("li", "card", element("h3", "", link));
  if (words.description !== null) item.append(element("p", "", mark(words.description)));
  const meta = element("p", "meta");
  for (const badge of words.badges) {
    const [kind, text] = BADGES.get(badge) ?? [];
    if (text) meta.append(element("span", `badge ${kind}`, text));
  }
  if (words.author !== null) {
    meta.append(element("span", "", "by ", element("bdi", "", mark(words.author)), words.more_authors ? " and others" : ""));
  }
  for (const name of new Set([...ALWAYS, ...(SHOWN.has(sort) ? [sort] : [])])) {
    const [column, text, unknown] = SHOWN.get(name);
    const value = index.columns[column][number];
    const chosen = name === sort && sort !== "popular" ? "chosen" : "";
    if (value !== null) meta.append(element("span", chosen, text(value)));
    else if (chosen) meta.append(element("span", chosen, unknown));
  }
  item.append(meta);
  return item;
}

// The links of _includes/pager.html; address(page) is where a page is found.
export function pager(page, count, address) {
  if (count < 2) return [];
  const link = (rel, text, to) => {
    const made = element("a", "", text);
    made.rel = rel;
    made.href = address(to);
    made.dataset.page = to;
    return made;
  };
  const nav = element("nav", "pager");
  nav.setAttribute("aria-label", "Pages");
  if (page > 1) nav.append(link("prev", "Previous", page - 1));
  nav.append(element("span", "", `Page ${page} of ${count}`));
  if (page < count) nav.append(link("next", "Next", page + 1));
  return [nav];
}
