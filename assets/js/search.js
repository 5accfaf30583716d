// Filters the list of plugins that data-index names. The list is fetched on first use and not before.

const MOST = 50;
const form = document.getElementById("search");
const input = form.elements.q;
const status = document.getElementById("status");
const results = document.getElementById("results");
let index = null;

async function load() {
  const response = await fetch(form.dataset.index);
  if (!response.ok) throw new Error(`the list of plugins answered ${response.status}`);
  const rows = await response.json();
  return rows.map(([href, title, description, authors, tags]) => ({
    href, title, description, authors,
    name: title.toLowerCase(),
    text: [title, description, ...authors, ...tags].join("\n").toLowerCase(),
  }));
}

// Every word must occur; a word that begins the title, or stands in it, counts most.
function find(rows, words) {
  const score = (row) => words.reduce(
    (sum, word) => sum + (row.name.startsWith(word) ? 3 : row.name.includes(word) ? 2 : 1), 0);
  return rows.filter((row) => words.every((word) => row.text.includes(word)))
    .map((row) => [score(row), row])
    .sort(([one], [other]) => other - one)
    .map(([, row]) => row);
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function card(row) {
  const item = element("li", "", "card");
  const heading = element("h2");
  const link = element("a");
  link.href = row.href;
  link.append(element("bdi", row.title));
  heading.append(link);
  item.append(heading);
  if (row.description) item.append(element("p", row.description));
  if (row.authors.length) item.append(element("p", `by ${row.authors.join(", ")}`, "meta"));
  return item;
}

async function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  results.hidden = words.length === 0;
  if (words.length === 0) {
    status.textContent = "";
    return;
  }
  try {
    index ??= load();
    const found = find(await index, words);
    const count = found.length === 1 ? "1 plugin" : `${found.length} plugins`;
    status.textContent = found.length > MOST ? `${count}; the first ${MOST} are shown` : count;
    results.replaceChildren(...found.slice(0, MOST).map(card));
  } catch (error) {
    index = null;
    status.textContent = `The search does not work now: ${error.message}.`;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `?${new URLSearchParams({ q: input.value })}`);
  search();
});
input.addEventListener("input", search);

document.getElementById("no-script").hidden = true;
input.value = new URLSearchParams(location.search).get("q") ?? "";
search();
