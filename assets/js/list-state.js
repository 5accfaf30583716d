// What is chosen in the list of all plugins, and its form in an address. Pure.

const SORTS = ["popular", "hot", "rising", "stars", "released", "pushed", "newest", "name", "relevance"];
export const SINGLE = ["python", "host", "os", "licence", "maintained", "alive"];
const MOST_TAGS = 20;
const LONGEST = 200;

export const nothing = () => ({ q: "", sort: null, page: 1, tag: [], ...Object.fromEntries(SINGLE.map((name) => [name, ""])) });

// `offers(name, value)` tells whether the form has the option; anything else in the address is passed over.
export function read(query, offers) {
  const given = new URLSearchParams(query);
  const state = nothing();
  state.q = (given.get("q") ?? "").slice(0, LONGEST).trim();
  for (const name of SINGLE) {
    const value = given.get(name) ?? "";
    if (value && offers(name, value)) state[name] = value;
  }
  state.tag = [...new Set(given.getAll("tag").map((tag) => tag.trim()).filter(Boolean))].slice(0, MOST_TAGS);
  const page = given.get("page") ?? "";
  state.page = /^[1-9][0-9]{0,5}$/.test(page) ? Number(page) : 1;
  return sorted(state, given.get("sort"));
}

// Best match stands for nothing without words; the sort that needs no saying is null.
export function sorted(state, sort) {
  const wanted = SORTS.includes(sort) && (sort !== "relevance" || state.q) ? sort : null;
  return { ...state, sort: wanted === usual(state) ? null : wanted };
}

export const usual = (state) => (state.q ? "relevance" : "popular");

export const sortOf = (state) => state.sort ?? usual(state);

// "" where nothing is chosen.
export function write(state) {
  const query = new URLSearchParams();
  if (state.q) query.set("q", state.q);
  if (state.sort) query.set("sort", state.sort);
  for (const tag of state.tag) query.append("tag", tag);
  for (const name of SINGLE) if (state[name]) query.set(name, state[name]);
  if (state.page > 1) query.set("page", state.page);
  const text = query.toString();
  return text && `?${text}`;
}

// [[name, value], ...] of everything that narrows the list.
export function conditions(state) {
  return [
    ...(state.q ? [["q", state.q]] : []),
    ...state.tag.map((tag) => ["tag", tag]),
    ...SINGLE.filter((name) => state[name]).map((name) => [name, state[name]]),
  ];
}

export function without(state, name, value) {
  const next = { ...state, page: 1 };
  if (name === "tag") next.tag = state.tag.filter((tag) => tag !== value);
  else next[name] = "";
  return sorted(next, state.sort);
}
