// Searches the index that scripts/registry/feeds/search/index.py writes; docs/search.md tells how.
// Nothing is fetched before the first search, and then only the shards that its words need.

const WEIGHTS = [20, 12, 9, 7, 5, 4, 2, 1]; // whole title, short title, title, id, tag, author, description, body
const LONGEST = 40;
const MOST_WORDS = 8;
const MOST_PLUGINS = 200_000;
const MOST_SHARDS = 4; // of one word's beginnings
const MOST_MEANT = 3; // words that a misspelled one is taken for
const DENSE = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3041-\\u30ff\\u31f0-\\u31ff"
  + "\\u3400-\\u4dbf\\u4e00-\\u9fff\\u{20000}-\\u{3ffff}";
const RUNS = new RegExp(`[${DENSE}]+|[^ ${DENSE}]+`, "gu");
const IS_DENSE = new RegExp(`^[${DENSE}]`, "u");
const ODD = new Map(Object.entries({ ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ı: "i", ς: "σ" }));

function foldPart(char) {
  if (/[\p{L}\p{N}\p{Mc}]/u.test(char)) return ODD.get(char) ?? char;
  return /[\p{Mn}\p{Me}\p{Cf}]/u.test(char) ? "" : " ";
}

const folded = new Map();
function foldChar(char) {
  if (!folded.has(char)) {
    folded.set(char, Array.from(char.normalize("NFKD").toLowerCase().normalize("NFKD"), foldPart).join(""));
  }
  return folded.get(char);
}

export const fold = (text) => Array.from(String(text), foldChar).join("");

// The runs of letters in what was typed, each with the words that it asks for.
function asked(text) {
  const runs = (fold(text).match(RUNS) ?? []).map((run) => {
    const chars = Array.from(run);
    if (!IS_DENSE.test(run)) return { run, words: [chars.slice(0, LONGEST).join("")], plain: true };
    return { run, words: chars.length === 1 ? chars : chars.slice(1).map((char, at) => chars[at] + char), plain: false };
  });
  // The s of "octoprint's" says nothing beside other words, nor does a letter that is only begun.
  const telling = runs.filter(({ run }) => !/^[a-z]$/.test(run));
  return (telling.length ? telling : runs).slice(0, MOST_WORDS);
}

class Stale extends Error {}

class Index {
  constructor(base, cache) {
    this.base = base;
    this.cache = cache;
    this.files = new Map();
  }

  // What is fetched is kept; what failed is fetched again when it is asked for next.
  file(name) {
    if (!this.files.has(name)) {
      const made = this.fetch(name);
      this.files.set(name, made);
      made.catch(() => this.files.delete(name));
    }
    return this.files.get(name);
  }

  async fetch(name) {
    const response = await fetch(`${this.base}${name}.json`, { cache: this.cache });
    // A shard that is not there belongs to another version.
    if (response.status === 404 && name !== "manifest") throw new Stale();
    if (!response.ok) throw new Error(`the search index answered ${response.status}`);
    return response.json();
  }

  async open() {
    this.manifest = await this.file("manifest");
    // Every search goes over all plugins, some of them several times.
    if (!(this.manifest.plugins >= 0 && this.manifest.plugins <= MOST_PLUGINS)) throw new Error("its index cannot be read");
    this.firsts ??= new Map(["words", "starts", "ends"].map((kind) => [kind, this.manifest[kind].split(" ")]));
  }

  async part(name) {
    const content = await this.file(name);
    if (content.version !== this.manifest.version) throw new Stale();
    return content;
  }

  // The shards with keys from one to the other, as lists of words and their texts.
  async range(kind, from, to) {
    const firsts = this.firsts.get(kind);
    const names = [];
    for (let at = firsts.length - 1; at >= 0; at -= 1) {
      if (firsts[at] <= to) names.unshift(`${kind}-${at.toString(16).padStart(3, "0")}`);
      if (firsts[at] <= from) break;
    }
    const shards = await Promise.all(names.slice(0, MOST_SHARDS).map((name) => this.part(name)));
    for (const shard of shards) {
      if (typeof shard.words === "string") {
        shard.words = shard.words.split(" ");
        shard.texts = shard.texts.split(kind === "words" ? " " : "");
      }
    }
    return shards;
  }

  // What has the word, or (weaker) a longer one that begins so: weights by number of plugin, 0 for none.
  async weigh(word, { last = false, factor = 1, prefix = true } = {}) {
    const weights = new Float64Array(this.manifest.plugins);
    const short = !IS_DENSE.test(word) && Array.from(word).length < 3;
    const end = prefix && !short ? `${word}\uffff` : `${word}*`;
    let exact = false;
    let any = false;
    for (const { words, texts } of await this.range("words", word, end)) {
      for (let at = firstFrom(words, word); at < words.length && words[at] <= end; at += 1) {
        const found = words[at];
        let fit = factor;
        if (found === word) exact = true;
        else if (!prefix || (found.endsWith("*") && found !== end)) continue;
        else fit *= (last ? 0.35 : 0.25) * (1 + word.length / found.length);
        any = true;
        decode(texts[at], weights, fit);
      }
    }
    return { weights, exact, any };
  }

  // Words that a misspelled one may stand for, the likeliest first: same first letter, else same last.
  async meant(word, last) {
    const letters = Array.from(word);
    const most = letters.length >= 8 ? 2 : letters.length >= 4 ? 1 : 0;
    if (!most || IS_DENSE.test(word) || /^\p{N}+$/u.test(word)) return [];
    for (const [kind, letter] of [["starts", letters[0]], ["ends", letters.at(-1)]]) {
      const key = (length) => letter + Math.min(35, length).toString(36);
      // The beginning of a longer word may be misspelled as well, while it is typed.
      const begun = last && kind === "starts" && letters.length >= 5;
      const found = [];
      for (const shard of await this.range(kind, key(letters.length - most), key(begun ? 35 : letters.length + most))) {
        shard.words.forEach((other, at) => {
          const [whole, start] = distances(letters, Array.from(other), most);
          const off = whole <= most ? whole : begun && start <= 1 ? start + 2 : Infinity;
          if (off < Infinity) found.push({ word: other, off, weight: Number(shard.texts[at]) });
        });
      }
      found.sort((one, two) => one.off - two.off || two.weight - one.weight);
      if (found.length) return found.filter(({ off }) => off === found[0].off).slice(0, MOST_MEANT);
    }
    return [];
  }
}

function firstFrom(words, word) {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

// See scripts/registry/feeds/search/shards.py: 56 characters end a number, 28 do not.
const DIGITS = new Map(Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at))
  .filter((char) => !'"\\01234567'.includes(char)).map((char, at) => [char, at]));

function decode(text, weights, fit) {
  let weight = 0;
  let number = -1;
  let distance = 0;
  for (const char of text) {
    const digit = DIGITS.get(char);
    if (digit === undefined) {
      weight = WEIGHTS[char] * fit;
      number = -1;
    } else if (digit < 56) {
      number += distance * 56 + digit + 1;
      distance = 0;
      if (weights[number] < weight) weights[number] = weight;
    } else {
      distance = distance * 28 + digit - 55;
    }
  }
}

// Letters wrong, left out, added or swapped between two words; and between one and a beginning of the other.
function distances(one, other, most) {
  if (one.length - other.length > most) return [Infinity, Infinity];
  let before = [];
  let row = other.map((_, at) => at + 1);
  row.unshift(0);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const same = one[at - 1] === other[to - 1];
      next[to] = Math.min(row[to] + 1, next[to - 1] + 1, row[to - 1] + (same ? 0 : 1));
      if (at > 1 && to > 1 && one[at - 1] === other[to - 2] && one[at - 2] === other[to - 1]) {
        next[to] = Math.min(next[to], before[to - 2] + 1);
      }
    }
    [before, row] = [row, next];
  }
  return [row.at(-1), Math.min(...row)];
}

// For each word what has it, for each two neighbours what has them as one word; all words must be had.
async function find(index, runs) {
  const words = runs.flatMap((run) => run.words.map((word) => ({ word, run })));
  const lastAt = words.length - 1;
  const pairs = words.slice(1).map(({ word, run }, at) => {
    const joins = run.plain && words[at].run.plain;
    return joins ? index.weigh((words[at].word + word).slice(0, LONGEST), { last: at + 1 === lastAt }) : null;
  });
  const whole = runs.length > 2 && runs.every(({ plain }) => plain)
    ? index.weigh(runs.map(({ run }) => run).join("").slice(0, LONGEST), { prefix: false }) : null;
  const alone = words.map(({ word, run }, at) => index.weigh(word, { last: at === lastAt, prefix: run.plain || words.length === 1 }));
  const [hits, joints, all] = await Promise.all([Promise.all(alone), Promise.all(pairs), whole]);
  const covers = hits.map((hit, at) => [hit, joints[at - 1], joints[at], all].filter(Boolean));
  return { words, hits, covers, scores: combine(index, covers) };
}

function combine(index, covers) {
  const count = index.manifest.plugins;
  const totals = new Float64Array(count).fill(1e-9);
  for (const cover of covers) {
    const best = new Float64Array(count);
    let having = 0;
    for (let number = 0; number < count; number += 1) {
      for (const { weights } of cover) best[number] = Math.max(best[number], weights[number]);
      if (best[number]) having += 1;
    }
    const rare = Math.log(1 + count / (having + 1));
    for (let number = 0; number < count; number += 1) totals[number] *= best[number] ? 1 : 0;
    for (let number = 0; number < count; number += 1) totals[number] += totals[number] && best[number] * rare;
  }
  // Of equals the first is the more popular one.
  return Array.from(totals.keys()).filter((number) => totals[number])
    .map((number) => [number, totals[number] + 1e-6 * (1 - number / count)])
    .sort(([, one], [, two]) => two - one);
}

// Take words that nothing has, or that only begin other words, for those that they may have been meant for.
async function correct(index, { words, hits, covers }) {
  let changed = false;
  const light = words.map(({ word }) => [word]);
  await Promise.all(words.map(async ({ word, run }, at) => {
    if (hits[at].exact) return;
    const meant = await index.meant(word, at === words.length - 1);
    const found = await Promise.all(meant.map((other) => index.weigh(other.word, { factor: 0.6 / other.off, prefix: false })));
    if (!found.length) return;
    changed = true;
    covers[at].push(...found);
    light[at].push(...meant.map((other) => other.word));
    run.meant = hits[at].any ? undefined : meant[0].word;
  }));
  return { light: light.flat(), scores: changed ? combine(index, covers) : [] };
}

async function run(index, text, signal, wanted) {
  await index.open();
  signal?.throwIfAborted();
  if (wanted !== undefined && wanted !== index.manifest.order) throw new Stale();
  const runs = asked(text);
  const { order } = index.manifest;
  if (!runs.length) return { order, numbers: new Map(), words: [], corrected: null };
  const found = await find(index, runs);
  let { scores } = found;
  let words = found.words.map(({ word }) => word);
  let corrected = null;
  signal?.throwIfAborted();
  if (!scores.length) {
    const second = await correct(index, found);
    if (second.scores.length) {
      scores = second.scores;
      words = second.light;
      corrected = runs.map((one) => one.meant ?? one.run).join(" ");
    }
    signal?.throwIfAborted();
  }
  return { order, numbers: new Map(scores), words, corrected };
}

const open = new Map();

// The index is of another build than what the caller numbers the plugins by.
export class Renewed extends Error {
  name = "Renewed";
}

// Find plugins: the `numbers` of those that have the words with their scores, the best first; `words` to
// highlight; `corrected` when only what may have been meant was found. `base` is the folder of the index with
// its slash. The plugins are numbered as in /list/index.json: give its `order`, and an index of another one
// is read anew, then refused (Renewed). Throws an Error with words for people.
export async function search(base, text, { signal, order } = {}) {
  for (const cache of ["default", "reload"]) {
    if (cache === "reload" || !open.has(base)) open.set(base, new Index(base, cache));
    try {
      return await run(open.get(base), text, signal, order);
    } catch (error) {
      if (error.name === "AbortError" || signal?.aborted) throw error;
      if (!(error instanceof Stale)) {
        throw new Error(`The search does not work now: ${error.message}. Check the connection, then try again.`, { cause: error });
      }
    }
  }
  open.delete(base);
  throw new Renewed("The search index is being renewed. Try again in a minute.");
}

// Return text as nodes in which the words are marked where a word of it begins so: never HTML.
export function highlight(text, words) {
  const letters = []; // [folded letter, where its character begins, where it ends, does a word begin here]
  let end = 0;
  let begins = true;
  let small = false;
  for (const char of text) {
    const start = end;
    end += char.length;
    const parts = foldChar(char);
    const large = char !== char.toLowerCase();
    if (!parts && letters.length && !begins) letters.at(-1)[2] = end;
    for (const letter of parts) {
      if (letter === " ") begins = true;
      else {
        letters.push([letter, start, end, begins || (large && small) || IS_DENSE.test(letter)]);
        begins = false;
      }
    }
    small = !large && !begins;
  }
  const wanted = words.map((word) => Array.from(word)).filter((word) => word.length);
  const fragment = document.createDocumentFragment();
  let shown = 0;
  for (let at = 0; at < letters.length; at += 1) {
    if (!letters[at][3]) continue;
    const fits = wanted.filter((word) => word.every((letter, step) => letters[at + step]?.[0] === letter));
    if (!fits.length) continue;
    const length = Math.max(...fits.map((word) => word.length));
    const [, from] = letters[at];
    const [, , to] = letters[at + length - 1];
    if (from < shown) continue;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(from, to);
    fragment.append(text.slice(shown, from), mark);
    shown = to;
    at += length - 1;
  }
  fragment.append(text.slice(shown));
  return fragment;
}
