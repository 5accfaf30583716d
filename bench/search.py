"""Measure the search: bytes, requests and time to the first result, and the size of its index.

    python -m bench.search                                   10,000 invented registrations
    python -m bench.search --plugins build/_plugins          those of a folder
    python -m bench.search --peers DIR/node_modules          beside Pagefind and MiniSearch, installed there

Each query is asked in a browser that has fetched nothing yet, of a server that compresses as hosts of static
sites do; once without a limit, once over a slow line (1.6 Mbit/s, 150 ms). What is fetched for the first
result counts with the script that asks. The words of invented registrations are as frequent as those of real
texts: the second most frequent one half as often as the first, and so on.
"""

import argparse
import gzip
import json
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession

from tests.chromium import open_chromium

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from registry.feeds.enriched_copies import read_documents  # noqa: E402
from registry.feeds.published import Published  # noqa: E402
from registry.feeds.search import index as search_index  # noqa: E402
from registry.feeds.search.texts import prose  # noqa: E402
from registry.feeds.search.words import words  # noqa: E402
from registry.feeds.site import from_settings  # noqa: E402
from registry.registration.frontmatter import Document  # noqa: E402
from registry.settings import load_settings  # noqa: E402

SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
NO_LIMIT = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
COMPRESSED = {".js", ".json", ".html"}

ONSETS = (*"bcdfghjklmnprstvwz", "br", "ch", "dr", "fl", "gr", "pr", "sh", "st", "tr")
VOWELS = (*"aeiou", "ea")

# One page a candidate: `ask(text)` answers [how many, the first one's slug].
PAGES = {
    "ours": """
        let engine;
        window.ask = async (text) => {
          engine ??= await import("/engine.js");
          const { numbers } = await engine.search("/search/", text, {});
          return [numbers.size, [...numbers.keys()][0] ?? null];
        };""",
    "by number": """
        let engine;
        window.ask = async (text) => {
          engine ??= await import("/engine.js");
          const { numbers } = await engine.search("/search/", text, { order: "ORDER" });
          return [numbers.size, String([...numbers.keys()][0] ?? "-")];
        };""",
    "pagefind": """
        let pagefind;
        window.ask = async (text) => {
          pagefind ??= await import("/pagefind/pagefind.js");
          const { results } = await pagefind.search(text);
          return [results.length, results.length ? (await results[0].data()).url.slice(1, -1) : null];
        };""",
    "minisearch": """
        let index;
        window.ask = async (text) => {
          if (!index) {
            const [{ default: MiniSearch }, answer] = await Promise.all([
              import("/minisearch.js"), fetch("/minisearch.json")]);
            index = MiniSearch.loadJSON(await answer.text(), { fields: OURS, idField: "slug" });
          }
          const found = index.search(text, { prefix: true, fuzzy: 0.2, combineWith: "AND" });
          return [found.length, found[0]?.id ?? null];
        };""".replace("OURS", json.dumps(["title", "id", "tags", "authors", "description", "body"])),
}

BUILD_PEERS = """
const fs = require("fs"), path = require("path");
const [modules, site] = process.argv.slice(2);
const FIELDS = ["title", "id", "tags", "authors", "description", "body"];
const records = JSON.parse(fs.readFileSync(path.join(site, "..", "records.json")));
const seconds = async (work) => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1e3;
};
(async () => {
  const { createIndex } = await import(path.join(modules, "pagefind/lib/index.js"));
  const pagefind = await seconds(async () => {
    const { index } = await createIndex({});
    for (const record of records) {
      const content = FIELDS.map((field) => record[field]).join(". ");
      const meta = { title: record.title };
      await index.addCustomRecord({ url: `/${record.slug}/`, content, language: "en", meta });
    }
    await index.writeFiles({ outputPath: path.join(site, "pagefind") });
  });
  const { default: MiniSearch } = await import(path.join(modules, "minisearch/dist/es/index.js"));
  const minisearch = await seconds(async () => {
    const index = new MiniSearch({ fields: FIELDS, idField: "slug" });
    index.addAll(records);
    fs.writeFileSync(path.join(site, "minisearch.json"), JSON.stringify(index));
  });
  fs.copyFileSync(path.join(modules, "minisearch/dist/es/index.js"), path.join(site, "minisearch.js"));
  console.log(JSON.stringify({ pagefind, minisearch }));
  process.exit(0);
})();
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One query, asked for the first time."""

    candidate: str
    query: str
    text: str
    bytes: int
    requests: int
    fast_ms: float
    slow_ms: float
    found: int
    first: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What a candidate needs on disk."""

    candidate: str
    build_s: float
    files: int
    bytes: int
    compressed: int


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--plugins", type=Path, metavar="DIR", help="registrations; else they are invented")
    parser.add_argument("--count", type=int, default=10_000, help="how many to invent (10000)")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench" / "search", metavar="DIR")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="node_modules with pagefind and minisearch")
    parser.add_argument("--query", action="append", default=[], help="ask this instead of what is chosen")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args(argv)
    folder = options.plugins or invent(options.work / "_plugins", options.count)
    documents, _ = read_documents(folder)
    site = options.work / "site"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    indexes = [build_ours(documents, site)]
    if options.peers:
        indexes += build_peers(documents, site, options.peers.resolve())
    queries = {text: text for text in options.query} or chosen(documents)
    order = json.loads((site / "search" / "manifest.json").read_bytes())["order"]
    candidates = [index.candidate for index in indexes]
    candidates.insert(1, "by number")  # as the list asks it, which knows the plugins by number already
    for candidate in candidates:
        script = PAGES[candidate].replace("ORDER", order)
        page = f"<!doctype html><script type=module>{script}</script>"
        (site / f"{candidate}.html").write_text(page, encoding="utf-8")
    with serving(site) as server, open_chromium() as browser:
        answers = [
            ask(browser, server, candidate, name, text)
            for name, text in queries.items()
            for candidate in candidates
        ]
    print(table(len(documents), indexes, answers))
    if options.json:
        rows = {"indexes": list(map(asdict, indexes)), "answers": list(map(asdict, answers))}
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0


# Registrations with as many different words as real ones


def invent(folder: Path, count: int) -> Path:
    """Write registrations of invented words: few are frequent, most are rare."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rng = random.Random(1)
    vocabulary = list(dict.fromkeys(word(rng) for _ in range(70_000)))
    weights = [0.0]
    for rank in range(len(vocabulary)):
        weights.append(weights[-1] + 1 / (rank + 2))

    def draw(many: int) -> list[str]:
        return rng.choices(vocabulary, cum_weights=weights[1:], k=many)

    names = [f"{word(rng)} {word(rng)}".title() for _ in range(count // 3 + 1)]
    for number in range(count):
        title = [rng.choice(vocabulary[100:12_000]) for _ in range(rng.randint(1, 3))]
        slug = f"{''.join(title)[:60]}{number if rng.random() < 0.1 else ''}"
        tags = {rng.choice(vocabulary[50 : 50 + min(1_500, count)]) for _ in range(rng.randint(1, 6))}
        lines = ["---", f"id: {slug}", f"title: {' '.join(title).title()}", f"author: {rng.choice(names)}"]
        lines += [f"description: {' '.join(draw(14))}", f"tags: [{', '.join(sorted(tags))}]"]
        lines += ["---", "", " ".join(draw(rng.randint(40, 220))), ""]
        (folder / f"{slug}.md").write_text("\n".join(lines), encoding="utf-8")
    return folder


def word(rng: random.Random) -> str:
    """Invent a word of two to four syllables."""
    syllables = (rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.choice((2, 2, 3, 3, 4))))
    return "".join(syllables) + rng.choice("nrstl")


def chosen(documents: Mapping[str, Document]) -> dict[str, str]:
    """Choose queries of each kind from what there is to be found."""
    rng = random.Random(2)
    bodies = {slug: words(prose(document.body)) for slug, document in sorted(documents.items())}
    counted = Counter(
        name for body in bodies.values() for name in set(body) if len(name) > 3 and name.isalpha()
    )
    titles = [words(str(document.data.get("title"))) for _, document in sorted(documents.items())]
    long = sorted({name for title in titles for name in title if len(name) >= 7 and name.isalpha()})
    one, other, typed = rng.sample(long, 3)
    two = next(title for title in rng.sample(titles, len(titles)) if len(title) > 1)
    rare = sorted(name for name, count in counted.items() if count == 1) or [one]
    return {
        "one word": one,
        "two words": " ".join(two[:2]),
        "a prefix": typed[:4],
        "a typo": other[:3] + other[4] + other[3] + other[5:],
        "a rare word": rng.choice(rare),
        "the most frequent": counted.most_common(1)[0][0],
    }


# Indexes


def build_ours(documents: Mapping[str, Document], site: Path) -> Index:
    """Write the registry's own index."""
    published = Published(
        documents=documents,
        listed=[],
        state=None,
        site=from_settings(load_settings(str(ROOT / "_config.yml"))),
        settings=None,
        now=datetime.now(tz=UTC),
    )
    start = time.process_time()
    files = search_index.files(published)
    build_s = time.process_time() - start
    for name, content in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(content)
    shutil.copy(ROOT / "assets" / "js" / "engine.js", site)
    return weighed("ours", build_s, [site / name for name in files])


def build_peers(documents: Mapping[str, Document], site: Path, modules: Path) -> list[Index]:
    """Write the indexes of Pagefind and MiniSearch over the same texts."""
    records = []
    for slug, document in documents.items():
        text = {key: str(document.data.get(key) or "") for key in ("id", "title", "description")}
        lists = {key: document.data.get(key) or [] for key in ("tags", "authors")}
        text |= {key: ", ".join(map(str, items)) for key, items in lists.items()}
        text["authors"] = text["authors"] or str(document.data.get("author") or "")
        records.append({"slug": slug, **text, "body": prose(document.body)})
    (site.parent / "records.json").write_text(json.dumps(records), encoding="utf-8")
    script = site.parent / "peers.cjs"
    script.write_text(BUILD_PEERS, encoding="utf-8")
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, str(script), str(modules), str(site.resolve())], check=True, capture_output=True
    )
    seconds = json.loads(done.stdout.splitlines()[-1])
    return [
        weighed(
            "pagefind",
            seconds["pagefind"],
            [path for path in (site / "pagefind").rglob("*") if path.is_file()],
        ),
        weighed("minisearch", seconds["minisearch"], [site / "minisearch.json"]),
    ]


def weighed(candidate: str, build_s: float, paths: Sequence[Path]) -> Index:
    """Weigh the files of an index as they are, and as they travel."""
    contents = [path.read_bytes() for path in paths]
    return Index(
        candidate=candidate,
        build_s=build_s,
        files=len(contents),
        bytes=sum(map(len, contents)),
        compressed=sum(len(gzip.compress(content, 6)) for content in contents),
    )


# Asking


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder compressed, and counts."""

    protocol_version = "HTTP/1.1"
    sent: list[tuple[str, int]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix in COMPRESSED:
            content = gzip.compress(content, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.sent.append((self.path, len(content)))

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """Serve a folder; yield the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def ask(browser: Browser, server: str, candidate: str, query: str, text: str) -> Answer:
    """Ask three times without a limit and once over the slow line, each time for the first time."""
    fast = [first_answer(browser, server, candidate, text, NO_LIMIT) for _ in range(3)]
    slow_ms, sent, (found, first) = first_answer(browser, server, candidate, text, SLOW)
    print(f"bench: {candidate}, {query}: {text}", file=sys.stderr, flush=True)
    return Answer(
        candidate=candidate,
        query=query,
        text=text,
        bytes=sum(size for _, size in sent),
        requests=len(sent),
        fast_ms=median(row[0] for row in fast),
        slow_ms=slow_ms,
        found=found,
        first=first,
    )


def first_answer(
    browser: Browser, server: str, candidate: str, text: str, line: Mapping[str, Any]
) -> tuple[float, list[tuple[str, int]], tuple[int, str | None]]:
    """Return milliseconds, what was sent, and the answer, in a browser that knows nothing yet."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"{server}/{candidate}.html")
        page.wait_for_function("() => window.ask !== undefined")
        client: CDPSession = context.new_cdp_session(page)
        client.send("Network.enable")
        client.send("Network.emulateNetworkConditions", dict(line))
        Handler.sent.clear()
        ms, found, first = page.evaluate(
            "async (text) => { const start = performance.now(); const answer = await window.ask(text);"
            " return [performance.now() - start, ...answer]; }",
            text,
        )
        return ms, list(Handler.sent), (found, first)
    finally:
        context.close()


def table(count: int, indexes: Sequence[Index], answers: Sequence[Answer]) -> str:
    """Lay the figures out for people."""
    lines = [f"{count:,} plugins", f"{'':12}{'build s':>9}{'files':>8}{'MB':>8}{'MB gzip':>9}"]
    for index in indexes:
        line = f"{index.candidate:12}{index.build_s:>9.2f}{index.files:>8,}"
        lines.append(line + f"{index.bytes / 1e6:>8.2f}{index.compressed / 1e6:>9.2f}")
    head = f"{'kB':>8}{'requests':>10}{'ms':>8}{'slow ms':>9}{'found':>8}  first"
    before = ""
    for row in answers:
        if row.query != before:
            lines += ["", f"{row.query}: {row.text}", f"{'':12}{head}"]
        before = row.query
        line = f"{row.candidate:12}{row.bytes / 1e3:>8.1f}{row.requests:>10}{row.fast_ms:>8.0f}"
        lines.append(f"{line}{row.slow_ms:>9.0f}{row.found:>8,}  {row.first or '-'}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
