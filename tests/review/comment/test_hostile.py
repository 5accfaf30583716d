"""A registration, its source and its file names may hold anything: none of it is obeyed in a comment."""

# ruff: noqa: E501 -- a sentence is easier to read in one line

import json
from pathlib import Path
from typing import Any

import pytest

from tests.review.comment.rendered import assert_harmless
from tests.review.comment.stage import GOOD, NUMBER, SETUP, SOURCE, Stage, staged
from tests.site.attacks import PAYLOADS

MARKDOWN = {
    "mention": "@everyone @almanac/maintainers",
    "reference": "#1 GH-12 almanac/registry#3 fixes #4",
    "image": "![](http://x.example/y.png)",
    "link": "[Approve](https://evil.example/) <https://evil.example/>",
    "bare-link": "https://evil.example/ www.evil.example ftp://evil.example",
    "fence": "```\n</details>\n```suggestion\nrm -rf /\n```",
    "backticks": "` `` ``` ```` `````",
    "details": "</details><details open><summary>x</summary>",
    "marker": "<!-- almanac: the answer to this pull request -->",
    "task": "- [x] all is well\n- [ ] not",
    "table": "a | b | c |\n|---|---|",
    "heading": "# Approved\n## By a maintainer\n===",
    "alert": "> [!NOTE]\n> Approved",
    "math": "$\\href{https://evil.example}{x}$ $$x$$",
    "emoji": ":shipit: :+1:",
    "reference-definition": "[x]: https://evil.example\n\n[x]",
    "footnote": "x[^1]\n\n[^1]: y",
    "entities": "&lt;script&gt; &#64;everyone &commat;everyone",
    "workflow-command": "::add-mask::x\n::set-output name=a::b",
    "escape": "\\`\\*\\",
}
ATTACKS = MARKDOWN | {name: text for name, text in PAYLOADS.items() if "\0" not in text}
KEYS = ("title", "description", "author", "license", "note", "source", "homepage", "archive")

CHUNKS = [
    tuple(chunk)
    for group in (list(MARKDOWN), [name for name in ATTACKS if name not in MARKDOWN])
    for chunk in (group[start : start + 5] for start in range(0, len(group), 5))
]
"""Five at a time, as many as are inspected."""


def hostile_source(text: str) -> dict[str, Any]:
    """Return a repository that holds the text wherever GitHub would tell it."""
    release = {"name": text, "tag": text.replace("\n", " "), "published_at": "2026-02-01T08:00:00Z"}
    return {
        **SOURCE,
        "files": {
            "setup.py": SETUP.replace('identifier = "lamp"', f"identifier = {text!r}"),
            "octoprint_lamp/__init__.py": f"__plugin_pythoncompat__ = {text!r}\n",
        },
        "releases": [{**release, "url": "https://github.com/x"}],
        "license": text,
        "default_branch": "main`@x",
    }


def hostile_registration(text: str) -> str:
    """Return a registration that holds the text in every value, and as a key."""
    written = json.dumps(text)
    lines = [
        line if line.partition(":")[0] not in KEYS else f"{line.partition(':')[0]}: {written}"
        for line in GOOD.split("\n")
    ]
    extra = (
        f"note: {written}\nprivacypolicy: {written}\nattributes: [{written}]\nredirect_from: [{written}]\n{written[:200]}: x\n"
        if len(text) < 1_000
        else f"note: {written}\n"
    )
    front = "\n".join(lines).replace("tags:\n- lamp\n", f"tags:\n- {written}\n{extra}")
    front = front.replace("  - 1.4.0", f"  - {written}").replace('python: ">=3.7,<4"', f"python: {written}")
    return f"{front}\n{text}\n"


@pytest.mark.parametrize("names", CHUNKS, ids=" ".join)
def test_a_hostile_registration_is_told_harmlessly(names: tuple[str, ...], stage: Stage) -> None:
    stage.push(
        {
            f"_plugins/lamp{number}.md": hostile_registration(ATTACKS[name]).encode(errors="replace")
            for number, name in enumerate(names)
        }
    )
    assert stage.run() == 0
    assert_harmless(stage.body)
    for item in stage.rest.review_comments:
        assert_harmless(item["body"])


@pytest.mark.parametrize("names", CHUNKS, ids=" ".join)
def test_a_hostile_text_that_is_allowed_is_shown_harmlessly(names: tuple[str, ...], stage: Stage) -> None:
    files: dict[str, str | bytes | None] = {}
    for number, name in enumerate(names):
        written = json.dumps(ATTACKS[name])
        text = GOOD.replace("id: lamp", f"id: lamp{number}").replace("title: Lamp", f"title: {written}")
        text = text.replace("Lights the bed while a print runs.", written)
        files[f"_plugins/lamp{number}.md"] = text.encode(errors="replace")
    stage.push(files)
    assert stage.run() == 0
    assert_harmless(stage.body)


@pytest.mark.parametrize("names", [chunk for chunk in CHUNKS if set(chunk) <= set(MARKDOWN)], ids=" ".join)
def test_a_hostile_source_is_told_harmlessly(
    names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {f"ada/Lamp{number}": hostile_source(MARKDOWN[name]) for number, name in enumerate(names)}
    with staged(tmp_path, monkeypatch, sources) as stage:
        stage.push(
            {
                f"_plugins/lamp{number}.md": GOOD.replace("id: lamp", f"id: lamp{number}").replace(
                    "ada/Lamp", f"ada/Lamp{number}"
                )
                for number in range(len(names))
            }
        )
        assert stage.run() == 0
        assert stage.body.count("### Found in the source of") == len(names)
        assert_harmless(stage.body)


NAMES = [
    "_plugins/$(touch pwned).md",
    "_plugins/`id`.md",
    "_plugins/@everyone #1.md",
    "_plugins/::set-output name=x::y.md",
    "_plugins/a\nb.md",
    "_plugins/evil.rb",
    "_plugins/![x](http:).md",
    "docs/</code><script>alert(1)<.md",
    "docs/\u202egnp.md",
    "assets/img/plugins/lamp/<img src=x>.png",
    "Makefile",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_name_is_told_harmlessly(
    name: str, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.push({name: "x\n"})
    assert stage.run() == 0
    assert_harmless(stage.body)
    assert not (stage.checkout / "pwned").exists()
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.slow
def test_a_file_of_a_hundred_megabytes_is_not_fetched(stage: Stage) -> None:
    stage.push({"assets/img/plugins/lamp/big.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 100_000_000})
    assert stage.run() == 0
    assert "`assets/img/plugins/lamp/big.png`, line 1" in stage.body
    assert_harmless(stage.body)


@pytest.mark.slow
def test_a_thousand_faults_in_one_file_are_bounded(stage: Stage) -> None:
    tags = "".join(f"- {number}.5\n" for number in range(900))
    stage.push({"_plugins/lamp.md": GOOD.replace("- lamp\n", tags)})
    assert stage.run() == 0
    assert len(stage.rest.review_comments) <= 20
    assert_harmless(stage.body)


def test_nothing_of_the_change_stands_in_the_checkout(stage: Stage) -> None:
    before = sorted(
        path.relative_to(stage.checkout) for path in stage.checkout.rglob("*") if ".git" not in path.parts
    )
    stage.push({"_plugins/lamp.md": GOOD, "scripts/validate.py": "raise SystemExit\n", "Makefile": "all:\n"})
    assert stage.run() == 0
    after = sorted(
        path.relative_to(stage.checkout) for path in stage.checkout.rglob("*") if ".git" not in path.parts
    )
    assert after == before
    assert "`Makefile`, `scripts/validate.py`" in stage.body
    assert stage.rest.pulls[NUMBER]["labels"]
