// Sorts, filters and searches the list of all plugins. The address holds what is chosen; while nothing is,
// the page stands as it was built and nothing is fetched.

import { SINGLE, conditions, nothing, read, sortOf, sorted, usual, without, write } from "./list-state.js";

const PER_PAGE = 24;
const TYPING_MS = 200;

const at = (id) => document.getElementById(id);
const form = at("filter");
const [status, chips, trouble, results, pages, more, anotherTag] =
  ["status", "chips", "trouble", "results", "pages", "filter-more", "filter-tag"].map(at);
const base = form.dataset.base;
const built = {
  title: document.title, status: status.textContent, results: [...results.childNodes], pages: [...pages.childNodes],
  size: results.childElementCount,
};

let state = nothing();
let parts = null; // the modules that make cards, and the index
let engine = null;
let turn = 0;
let timer = 0;
let typing = false;

const offers = (name, value) => {
  const control = form.elements[name];
  return control instanceof HTMLSelectElement ? [...control.options].some((option) => option.value === value) : Boolean(control) && value === "1";
};
const isDefault = () => write(state) === "";
// The pages after the one that was built are as long as it is: nothing is shown twice or missed.
const perPage = () => (conditions(state).length || sortOf(state) !== "popular" ? PER_PAGE : Math.max(PER_PAGE, built.size));

async function load(fresh = false) {
  const [cards, { Index, Changed }] = await Promise.all([import("./list-cards.js"), import("./list-index.js")]);
  return { cards, Changed, index: await Index.load(base, fresh) };
}

// One attempt is shared by all that ask; one that failed is forgotten.
function loaded(fresh = false) {
  if (fresh || !parts) {
    const attempt = load(fresh);
    parts = attempt;
    attempt.catch(() => { if (parts === attempt) parts = null; });
  }
  return parts;
}

async function searched(index) {
  if (!state.q) return { scores: null, mark: (text) => text, corrected: null };
  engine ??= import("./engine.js").catch((error) => { engine = null; throw error; });
  const { search, highlight } = await engine;
  const { numbers, words, corrected } = await search(`${base}/search/`, state.q, { order: index.order });
  return { scores: numbers, mark: (text) => highlight(text, words), corrected };
}

// Everything that a view needs is there before anything of the old one goes.
async function view(fresh = false) {
  const { cards, index, Changed } = await loaded(fresh);
  state.tag = [...new Set(state.tag.map((tag) => index.tag(tag)).filter((tag) => tag !== undefined))];
  try {
    const { scores, mark, corrected } = await searched(index);
    const found = index.narrow(state, scores);
    const count = Math.max(1, Math.ceil(found.rows.length / perPage()));
    const page = Math.min(state.page, count);
    const numbers = found.rows.slice((page - 1) * perPage(), page * perPage());
    const words = isDefault() ? [] : await index.cards(numbers);
    const options = { index, sort: sortOf(state), mark };
    const items = words.map((word, place) => cards.card(word, numbers[place], options));
    return { ...found, items, page, count, corrected, cards };
  } catch (error) {
    if ((error instanceof Changed || error.name === "Renewed") && !fresh) return view(true);
    throw error;
  }
}

async function show({ focus = false } = {}) {
  const mine = ++turn;
  document.title = state.q ? `“${state.q}” · ${built.title}` : built.title;
  fill();
  if (isDefault() && !parts) {
    restore();
    return;
  }
  results.setAttribute("aria-busy", "true");
  try {
    const made = await view();
    if (mine !== turn) return;
    trouble.hidden = true;
    fill(made.counts);
    tellChips();
    if (isDefault()) restore();
    else render(made);
    if (focus) toTop();
  } catch (error) {
    if (mine === turn) fail(error);
  } finally {
    if (mine === turn) results.removeAttribute("aria-busy");
  }
}

function restore() {
  status.textContent = built.status;
  results.replaceChildren(...built.results);
  pages.replaceChildren(...built.pages);
  trouble.hidden = true;
  tellChips();
}

function render({ rows, items, page, count, corrected, lifted, cards }) {
  state.page = page;
  const hint = corrected ? ` for “${corrected}”` : "";
  const order = form.elements.sort.selectedOptions[0].textContent;
  const place = count > 1 ? `, page ${page} of ${count}` : "";
  status.textContent = rows.length ? `${cards.counted(rows.length, "plugin")}${hint}, sorted by ${order}${place}` : "No plugin fits all of this.";
  results.replaceChildren(...(rows.length ? items : [cure(lifted, cards)]));
  pages.replaceChildren(...cards.pager(page, count, (number) => addressOf({ ...state, page: number })));
}

// What to give up so that something fits.
function cure(lifted, { element, counted }) {
  const set = conditions(state);
  const item = element("li", "nothing");
  const useful = set.map((condition, place) => [condition, lifted[place]]).filter(([, fits]) => fits > 0);
  item.append(element("p", "", useful.length ? "There are some without one of these:" : "Take some of the filters away, or try other words."));
  for (const [[name, value], fits] of useful) {
    const button = element("button", "button plain", `Without ${nameOf(name, value)}: ${counted(fits, "plugin")}`);
    button.type = "button";
    button.addEventListener("click", () => change(without(state, name, value), { focus: true }));
    item.append(button);
  }
  return item;
}

function fail(error) {
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button plain";
  again.textContent = "Try again";
  again.addEventListener("click", () => { trouble.hidden = true; status.focus(); show(); });
  trouble.replaceChildren(`The list could not be loaded, so it stands as it was (${error.message}). `, again);
  trouble.hidden = false;
}

const addressOf = (some) => `${location.pathname}${write(some)}`;

// A change is a step back for the browser's button; while somebody types, all letters are one step.
function change(next, { replace = false, focus = false } = {}) {
  clearTimeout(timer);
  const old = addressOf(state);
  state = next;
  if (addressOf(state) !== old) history[replace ? "replaceState" : "pushState"](null, "", addressOf(state));
  show({ focus });
}

function chosen() {
  const data = new FormData(form);
  const next = { ...nothing(), q: String(data.get("q") ?? "").trim(), tag: data.getAll("tag").map(String) };
  for (const name of SINGLE) next[name] = String(data.get(name) ?? "");
  // Best match goes with the words it was for; any other sort stays.
  const sort = data.get("sort");
  return sorted(next, sort === usual(state) && state.sort === null ? null : sort);
}

// The form says what the state says, and how many plugins each option leaves.
function fill(counts) {
  const { q, sort } = form.elements;
  if (q !== document.activeElement || q.value.trim() !== state.q) q.value = state.q;
  const best = [...sort.options].find((option) => option.value === "relevance");
  best.hidden = best.disabled = !state.q;
  sort.value = sortOf(state);
  for (const name of SINGLE) {
    const control = form.elements[name];
    if (control instanceof HTMLSelectElement) fillSelect(control, state[name], counts?.get(name));
    else if (control) fillCheck(control, state[name] === "1", counts?.get(name).get("1"));
  }
  addTags(state.tag);
  for (const box of form.querySelectorAll("input[name=tag]")) {
    fillCheck(box, state.tag.includes(box.value), counts && (counts.get("tag").get(box.value) ?? 0));
  }
}

function fillSelect(select, value, counts) {
  for (const option of select.options) {
    if (counts && option.value) {
      const count = counts.get(option.value) ?? 0;
      option.textContent = `${option.dataset.name} (${count})`;
      option.disabled = count === 0 && option.value !== value;
    }
  }
  select.value = value;
}

function fillCheck(box, checked, count) {
  box.checked = checked;
  if (count === undefined) return;
  box.parentNode.querySelector(".count").textContent = count;
  // The one that has the focus keeps it.
  box.disabled = count === 0 && !checked && box !== document.activeElement;
}

// A tag that is not among those most used gets a box when it is chosen.
function addTags(tags) {
  const list = at("filter-tags");
  if (!list) return;
  const known = new Set([...list.querySelectorAll("input")].map((box) => box.value));
  for (const tag of tags.filter((name) => !known.has(name))) {
    const label = list.firstElementChild.cloneNode(true);
    label.querySelector("input").value = tag;
    label.querySelector("span").textContent = tag;
    label.dataset.added = "";
    list.prepend(label);
  }
  for (const label of list.querySelectorAll("[data-added]")) {
    if (!tags.includes(label.querySelector("input").value)) label.remove();
  }
}

function nameOf(name, value) {
  if (name === "q") return `“${value}”`;
  if (name === "tag") return value;
  const control = form.elements[name];
  if (control instanceof HTMLSelectElement) {
    return [...control.options].find((option) => option.value === value).dataset.name;
  }
  return control.parentNode.querySelector("span").textContent;
}

function tellChips() {
  const held = [...chips.querySelectorAll("button")].indexOf(document.activeElement);
  const set = conditions(state);
  const made = set.map(([name, value]) => chip(`${nameOf(name, value)} ×`, `Remove ${nameOf(name, value)}`, without(state, name, value)));
  if (set.length) made.push(chip("Clear all filters", null, nothing()));
  chips.replaceChildren(...made);
  chips.hidden = !set.length;
  if (held < 0) return;
  const buttons = chips.querySelectorAll("button");
  (buttons[Math.min(held, buttons.length - 1)] ?? status).focus();
}

function chip(text, label, next) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.textContent = text;
  if (label) button.setAttribute("aria-label", label);
  button.addEventListener("click", () => change(next));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function toTop() {
  status.focus({ preventScroll: true });
  status.scrollIntoView({ block: "nearest" });
}

function typed() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const next = chosen();
    if (next.q === state.q) return;
    change(next, { replace: typing });
    typing = true;
  }, TYPING_MS);
}

// Nothing but a tag of the registry can be added.
async function addTag() {
  const wanted = anotherTag.value.trim();
  anotherTag.setCustomValidity("");
  if (!wanted) return;
  try {
    const tag = (await loaded()).index.tag(wanted);
    if (tag === undefined) {
      anotherTag.setCustomValidity("No plugin has this tag.");
      anotherTag.reportValidity();
      return;
    }
    anotherTag.value = "";
    if (!state.tag.includes(tag)) change({ ...state, page: 1, tag: [...state.tag, tag] });
  } catch (error) {
    fail(error);
  }
}

async function offerTags() {
  const list = at("filter-all-tags");
  if (list.childNodes.length) return;
  try {
    const { index } = await loaded();
    list.replaceChildren(...index.facets.tag.options.slice(0, 2000).map((tag) => {
      const option = document.createElement("option");
      option.value = tag;
      return option;
    }));
  } catch { /* said when a tag is chosen */ }
}

form.addEventListener("input", (event) => {
  if (event.target.name === "q") typed();
  else if (event.target === anotherTag) {
    anotherTag.setCustomValidity("");
    // Taken from the list, and not typed.
    if (event.inputType === undefined || event.inputType === "insertReplacementText") addTag();
  }
});
form.addEventListener("change", (event) => {
  if (event.target === anotherTag) addTag();
  else if (event.target.name === "q") typing = false;
  else if (event.target.name) { typing = false; change(chosen()); }
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (document.activeElement === anotherTag) { addTag(); return; }
  change(chosen(), { replace: typing });
  typing = false;
});
anotherTag?.addEventListener("focus", offerTags);
pages.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-page]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  change({ ...state, page: Number(link.dataset.page) }, { focus: true });
});
addEventListener("popstate", () => {
  clearTimeout(timer);
  typing = false;
  state = read(location.search, offers);
  show();
});

const wide = matchMedia("(min-width: 60rem)");
const fold = () => { more.open = wide.matches; };
wide.addEventListener("change", fold);
fold();
// The static page that follows has no filters.
for (const link of pages.querySelectorAll("a[rel=next]")) link.dataset.page = 2;
state = read(location.search, offers);
form.hidden = false;
show();
