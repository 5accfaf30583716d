// The columns of /list/index.json: fetched on first use, then sorted, filtered and counted in memory.

import { conditions, sortOf } from "./list-state.js";

const COLUMNS = {
  popular: "instances", hot: "installs", rising: "growth", stars: "stars",
  released: "released", pushed: "pushed", newest: "registered",
};

// The files on the server are of another build than those that were read before.
export class Changed extends Error {}

export class Index {
  constructor(base, content, fresh) {
    if (content.count !== content.columns.name.length) throw new Error("it cannot be read");
    Object.assign(this, content);
    this.base = base;
    this.fresh = fresh;
    this.blocks = new Map();
    this.tags = new Map(this.facets.tag.options.map((name) => [key(name), name]));
  }

  static async load(base, fresh = false) {
    return new Index(base, await get(`${base}/list/index.json`, fresh), fresh);
  }

  // The tag as the registry spells it, undefined where there is none.
  tag(name) {
    return this.tags.get(key(name));
  }

  // The words of the cards of these plugins, in their order.
  async cards(numbers) {
    const wanted = [...new Set(numbers.map((number) => Math.floor(number / this.block)))];
    const blocks = new Map(await Promise.all(wanted.map(async (k) => {
      if (!this.blocks.has(k)) this.blocks.set(k, this.part(`cards/${k}.json`, () => this.blocks.delete(k)));
      return [k, await this.blocks.get(k)];
    })));
    return numbers.map((number) => blocks.get(Math.floor(number / this.block)).cards[number % this.block]);
  }

  async part(name, forget) {
    try {
      const content = await get(`${this.base}/list/${name}`, this.fresh);
      if (content.version !== this.version) throw new Changed("the list has just been renewed");
      return content;
    } catch (error) {
      forget();
      throw error;
    }
  }

  // {rows, counts, lifted}: the plugins that fit, in order; for each filter how many fit with each of its
  // options, whatever else it is set to; for each condition how many fit but for this one.
  // scores: number -> score of the plugins that have the words, null without words.
  narrow(state, scores) {
    const set = conditions(state);
    const tests = set.map(([name, value]) => this.test(name, value, scores));
    const facets = Object.entries(this.facets);
    const tallies = new Map(facets.map(([name, facet]) => [name, new Uint32Array((facet.sets ?? facet.options).length)]));
    const tally = (name, number) => {
      const { sets, of } = this.facets[name];
      const counts = tallies.get(name);
      if (sets) counts[of[number]] += 1;
      else for (const option of of[number]) counts[option] += 1;
    };
    const rows = [];
    const lifted = new Uint32Array(set.length);
    for (let number = 0; number < this.count; number += 1) {
      let failed = -1;
      let failures = 0;
      for (let test = 0; test < tests.length && failures < 2; test += 1) {
        if (!tests[test](number)) { failed = test; failures += 1; }
      }
      if (failures === 0) {
        rows.push(number);
        for (const [name] of facets) tally(name, number);
      } else if (failures === 1) {
        lifted[failed] += 1;
        // More tags ask for more; of anything else one option takes the place of another.
        const [name] = set[failed];
        if (name !== "tag" && name !== "q") tally(name, number);
      }
    }
    return { rows: this.sort(rows, sortOf(state), scores), counts: this.spread(tallies), lifted: [...lifted] };
  }

  test(name, value, scores) {
    if (name === "q") return (number) => scores.has(number);
    const { options, sets, of } = this.facets[name];
    const option = options.indexOf(value);
    if (!sets) return (number) => of[number].includes(option);
    const fits = sets.map((members) => members.includes(option));
    return (number) => fits[of[number]];
  }

  // Map(filter -> Map(option -> count))
  spread(tallies) {
    return new Map([...tallies].map(([name, tally]) => {
      const { options, sets } = this.facets[name];
      const counts = sets ? new Uint32Array(options.length) : tally;
      sets?.forEach((members, place) => { for (const option of members) counts[option] += tally[place]; });
      return [name, new Map(options.map((option, place) => [option, counts[place]]))];
    }));
  }

  // What is unknown comes last, equals by popularity.
  sort(rows, sort, scores) {
    if (sort === "name") return rows.sort((one, other) => this.columns.name[one] - this.columns.name[other]);
    if (sort === "popular") return rows;
    const column = this.columns[COLUMNS[sort]];
    const value = sort === "relevance"
      ? (number) => scores.get(number)
      : (number) => column[number] ?? -Infinity;
    const keys = new Map(rows.map((number) => [number, value(number)]));
    return rows.sort((one, other) => {
      const [first, second] = [keys.get(one), keys.get(other)];
      return first === second ? one - other : second - first;
    });
  }
}

const key = (tag) => tag.normalize("NFC").toLowerCase().split(/[\s_-]+/).filter(Boolean).join("-");

async function get(address, fresh) {
  const response = await fetch(address, { cache: fresh ? "reload" : "default" });
  if (!response.ok) throw new Error(`the site answered ${response.status}`);
  return response.json();
}
