"""The search's index: what plugins are found by, and how it is cut into files."""

import gzip
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from registry.feeds.list import listing
from registry.feeds.order import by_popularity, order_of
from registry.feeds.published import Published
from registry.feeds.search import index as search_index
from registry.feeds.search.shards import DIGITS, LAST, MORE, collate, encode, typo_shards, word_shards
from registry.feeds.search.texts import (
    AUTHOR,
    BODY,
    DESCRIPTION,
    ID,
    MOST_BODY_WORDS,
    SHORT_TITLE,
    TAG,
    TITLE,
    WHOLE_TITLE,
    places,
    prose,
)
from registry.feeds.search.words import LONGEST, fold, words
from registry.feeds.site import from_settings
from registry.registration.frontmatter import Document
from registry.settings import load_settings

ROOT = Path(__file__).resolve().parents[3]
NAME = re.compile(r"search/(manifest|(words|starts|ends)-[0-9a-f]{3})\.json")


def document(body: str = "", **data: Any) -> Document:
    return Document(path="x.md", data=data, body=body, body_line=2, front_matter="")


def published(documents: dict[str, Document]) -> Published:
    site = from_settings(load_settings(str(ROOT / "_config.yml")))
    now = datetime(2026, 11, 20, tzinfo=UTC)
    return Published(documents=documents, listed=[], state=None, site=site, settings=None, now=now)


def decoded(text: str) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    numbers: list[int] = []
    distance, number = 0, -1
    for char in text:
        if char in "01234567":
            numbers = found.setdefault(int(char), [])
            number = -1
        elif DIGITS.index(char) < LAST:
            number += distance * LAST + DIGITS.index(char) + 1
            numbers.append(number)
            distance = 0
        else:
            distance = distance * MORE + DIGITS.index(char) - LAST + 1
    return found


def read(files: dict[str, bytes]) -> dict[str, dict[int, list[int]]]:
    """Return all words with the plugins that have them."""
    contents = {name: json.loads(content) for name, content in files.items()}
    found = {}
    for name, content in contents.items():
        if name.startswith("search/words"):
            pairs = zip(content["words"].split(" "), content["texts"].split(" "), strict=True)
            found |= {word: decoded(text) for word, text in pairs}
    return found


def test_the_browser_folds_every_character_as_python_does(tmp_path: Path) -> None:
    # Whole texts stand in tests/vectors; here is each character of the planes that people write in.
    node = shutil.which("node")
    assert node is not None
    shutil.copy(ROOT / "assets" / "js" / "engine.js", tmp_path / "engine.mjs")
    (tmp_path / "run.mjs").write_text(
        'import fs from "node:fs"; import { fold } from "./engine.mjs";\n'
        "const isNew = (text) => /\\p{Cn}/u.test(text);\n"
        'const words = (text) => isNew(text) ? null : fold(text).split(" ").filter(Boolean).join(" ");\n'
        "const asked = JSON.parse(fs.readFileSync(process.argv[2]));\n"
        "console.log(JSON.stringify(asked.map(words)));\n"
    )
    everything = [chr(code) for code in range(0x30000) if chr(code).isprintable() or code < 0x300]
    (tmp_path / "asked.json").write_text(json.dumps(everything))
    done = subprocess.run([node, "run.mjs", "asked.json"], cwd=tmp_path, capture_output=True, check=True)
    answers = json.loads(done.stdout)
    differing = [
        (text, folded)
        for text, folded in zip(everything, answers, strict=True)
        if folded is not None and " ".join(fold(text).split()) != folded
    ]
    # Unicode has changed its mind about a few marks of rare scripts.
    assert len(differing) < 10, differing


def test_a_script_without_spaces_is_cut_into_pairs() -> None:
    assert words("電源制御 mqtt 版") == ["電源", "源制", "制御", "御", "mqtt", "版"]


def test_a_long_word_is_cut() -> None:
    assert words("x" * 20_000) == ["x" * LONGEST]
    assert words("é" * 20_000) == ["e" * LONGEST]


def test_each_word_has_its_best_place() -> None:
    found = places(
        document(
            "Body words. Also **spool**.",
            id="spoolmanager",
            title="Spool Manager for Everyone's Printers",
            tags=["home automation", "spool"],
            authors=["Gina Häußge"],
            description="Keeps spools in order.",
        ),
        "spoolmanager",
    )
    expected = {
        "spool": TITLE,
        "spoolmanager": TITLE,
        "automation": TAG,
        "homeautomation": TAG,
        "haussge": AUTHOR,
        "spools": DESCRIPTION,
        "body": BODY,
    }
    assert {word: found[word] for word in expected} == expected


def test_a_title_is_found_joined_and_in_its_parts() -> None:
    one = places(document(title="SpoolManager"), "x")
    two = places(document(title="Octo Lapse"), "x")
    assert (one["spoolmanager"], one["spool"], one["manager"]) == (WHOLE_TITLE, ID, ID)
    assert (two["octolapse"], two["octo"], two["lapse"]) == (WHOLE_TITLE, SHORT_TITLE, SHORT_TITLE)


def test_a_body_gives_words_but_no_markup_addresses_or_code() -> None:
    text = prose(
        "# Setup\n\n<p class='mystyle'>Hello</p> [the manual](https://example.org/hidden 'tip') and `M600`.\n"
        "\n    indented code\n\n```python\nrun()\n```\n\n{{ liquid }} <!-- secret --> www.hidden.org &nbsp;"
        "\n[ref]: https://example.org/ref\nwrite to somebody@example.org now"
    )
    assert words(text) == ["setup", "hello", "the", "manual", "and", "m600", "write", "to", "now"]


def test_a_body_is_read_so_far_and_no_further() -> None:
    found = places(document(" ".join(f"word{number}" for number in range(5_000)), title="T"), "x")
    assert sum(place == BODY for place in found.values()) == MOST_BODY_WORDS


@pytest.mark.parametrize(
    "numbers", [[0], [0, 1, 2], [55, 56, 57], [0, 1_623, 1_624, 9_999], [9_999], [999_999]]
)
def test_numbers_of_plugins_survive_their_encoding(numbers: list[int]) -> None:
    assert decoded(encode({3: numbers, 7: [5]})) == {3: numbers, 7: [5]}


def test_shards_follow_each_other_as_the_browser_compares() -> None:
    many = {
        f"{start}{number:04}": {7: [number]} for start in "aé電\U0001d7ce\uff5a" for number in range(4_000)
    }
    shards = word_shards(many)
    assert len(shards) > 5
    assert shards[0].first == ""
    for before, shard in pairwise(shards):
        assert collate(before.words[-1]) < collate(shard.first) <= collate(shard.words[0])
    assert [word for shard in shards for word in shard.words] == sorted(many, key=collate)


def test_misspelled_words_are_looked_for_by_either_end() -> None:
    weights = {"camera": 3, "cab": 1, "zebra": 2, "camel": 1}
    assert typo_shards(weights, end=False)[0].words == ("cab", "camel", "camera", "zebra")
    assert typo_shards(weights, end=True)[0].words == ("zebra", "camera", "cab", "camel")


def test_plugins_are_numbered_as_the_list_numbers_them() -> None:
    documents = {
        "a": document(title="beta", stats={"month": {"instances": 5}}),
        "b": document(title="Alpha", stats={"month": {"instances": 5}}),
        "c": document(title="zero", stats={"month": {"instances": 0}}),
        "d": document(title="A unknown"),
        "e": document(title="odd", stats={"month": {"instances": True}}),
        "f": document(title="huge", stats={"month": {"instances": 10**30}}),
        "g": document(title="  Spaced\u2028out", stats=[1]),
        "h": document(stats={"month": {"instances": 70}}),
    }
    given = published(documents)
    slugs = by_popularity(documents)
    assert slugs[:4] == ["h", "b", "a", "c"]
    listed = listing.files(given)
    assert [card["slug"] for card in json.loads(listed["list/cards/0.json"])["cards"]] == slugs
    manifest = json.loads(search_index.files(given)["search/manifest.json"])
    assert manifest["order"] == json.loads(listed["list/index.json"])["order"] == order_of(slugs)


HOSTILE = {
    "proto": document(
        "__proto__ constructor toString", title="__proto__", id="__proto__", tags=["constructor"]
    ),
    "path": document(title="../../etc/passwd", tags=["a/b", "..\\..", "%2e%2e", "\x00"]),
    "long": document("y" * 20_000 + " " + "電" * 20_000 + " " + "a@" * 9_000, title="x" * 20_000),
    "bidi": document("\u202egnp.exe\u202c", title="\u2067\u202eevil\u2069"),
    "lone": document("\ud800", title="\ud800\udfff", description="\udc00 found", authors=["\ud83d"]),
    "emoji": document("😀" * 500, title="😀👩‍🚀", tags=["🏳️‍🌈"]),
    "empty": document(),
    "types": document(title=["x"], id={"a": 1}, tags={"b": 2}, authors=7, description=True),
    "html": document("<" * 20_000, title="<script>alert(1)</script>", tags=['"><img src=x>'] * 500),
    "open": document("[" * 9_000 + "](" * 9_000 + "`" * 1_000 + "<!--" * 400, title="{{ x }}"),
}


def test_hostile_texts_are_indexed_as_words_and_nothing_else() -> None:
    files = search_index.files(published(HOSTILE))
    assert all(NAME.fullmatch(name) for name in files)
    slugs, found = by_popularity(HOSTILE), read(files)
    assert found["proto"][WHOLE_TITLE] == [slugs.index("proto")]
    assert found["constructor"] == {TAG: [slugs.index("proto")]}
    assert found["passwd"][SHORT_TITLE] == [slugs.index("path")]
    assert found["evil"][WHOLE_TITLE] == [slugs.index("bidi")]
    assert found["found"] == {DESCRIPTION: [slugs.index("lone")]}
    assert max(map(len, found)) <= LONGEST
    for word in found:
        assert re.fullmatch(r"[^\W_]+\*?", word), word


def test_all_files_of_a_build_carry_one_version_and_another_build_another() -> None:
    def versions(title: str) -> set[str]:
        files = search_index.files(published({"a": document(title=title)}))
        return {json.loads(content)["version"] for content in files.values()}

    assert len(versions("One")) == 1
    assert versions("One") == versions("One")
    assert versions("One") != versions("Two")


def test_a_registry_without_a_word_has_an_index_all_the_same() -> None:
    files = search_index.files(published({}))
    assert {"search/manifest.json", "search/words-000.json", "search/starts-000.json"} <= set(files)


@pytest.mark.slow
def test_shards_stay_small_when_every_plugin_has_the_same_words() -> None:
    body = " ".join(f"common{number}" for number in range(300))
    documents = {
        f"plugin{number}": document(f"{body} rare{number:05}", title=f"Thing {number}")
        for number in range(3_000)
    }
    files = search_index.files(published(documents))
    sizes = {name: len(gzip.compress(content)) for name, content in files.items()}
    assert max(sizes.values()) < 20_000
    assert sizes["search/manifest.json"] < 4_000
