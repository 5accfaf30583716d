"""The build takes what it can publish, leaves out what harms, and tells why."""

# ruff: noqa: E501 - whole messages stand in a table, a case a line

import pkgutil
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.registration.load import Loaded, load_registrations
from registry.registration.model import RepoRef

DATA = Path(__file__).parents[1] / "data/registrations"
GITHUB = "https://github.com"

PLAIN = """\
---
layout: plugin
id: lamp
title: Lamp
description: Lights the bed.
author: Ilse Bruin
license: MIT
date: 2021-03-14
homepage: https://lamp.example
source: https://github.com/ilse/Lamp
archive: https://lamp.example/lamp.zip
---
"""


def load(folder: Path, **files: str | bytes) -> Loaded:
    """Load a folder with these files; their names are without `.md`."""
    for name, text in files.items():
        (folder / f"{name}.md").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_registrations(folder, GITHUB)


def test_registrations_in_good_order_are_all_loaded() -> None:
    loaded = load_registrations(DATA / "_plugins", GITHUB)
    assert [registration.slug for registration in loaded.registrations] == (
        ["harbor", "kettle", "lantern", "paper_boat", "snowfall", "windmill"]
    )
    assert (loaded.problems, loaded.left_out) == ((), {})


def test_a_registration_tells_what_the_build_needs() -> None:
    lantern = load_registrations(DATA / "_plugins", GITHUB, only=["lantern"]).registrations[0]
    assert lantern.id == lantern.slug == "lantern"
    assert lantern.authors == ("Ilse Bruin", "Tadeo Quiroga")
    assert lantern.date == date(2021, 3, 14)
    assert lantern.repo == RepoRef("ilse-example", "OctoPrint-Lantern")
    assert (lantern.python, lantern.pypi) == (">=3.7,<4", "OctoPrint-Lantern")
    assert lantern.data["compatibility"]["octoprint"] == ["1.4.0", ">=1.4,<2"]
    assert lantern.body.startswith("\n# Lantern\n")


def test_an_odd_registration_stands_with_its_keys_unchanged() -> None:
    loaded = load_registrations(DATA / "odd", GITHUB)
    lamp = loaded.registrations[0]
    assert (lamp.slug, lamp.id) == ("OldLamp", "Old.Lamp")
    assert lamp.authors == ("Cato Wynn, Dara Voss",)
    assert lamp.repo == RepoRef("cato-example", "Old-Lamp", "plugins/old-lamp")
    assert lamp.python is None
    assert lamp.data["description"] == "Shows a lamp. It's <b>old</b>."
    assert lamp.data["tags"] == ["lamp", "Lamp", 3.0, True]
    assert loaded.problems == ()


def test_an_id_that_yaml_misreads_is_the_text_that_was_meant(tmp_path: Path) -> None:
    loaded = load(tmp_path, a=PLAIN.replace("id: lamp", "id: 1.10").replace("title: Lamp", "title: 3"))
    assert [(item.id, item.title) for item in loaded.registrations] == [("1.10", "3")]


def test_missing_keys_that_a_page_can_do_without_are_warned_of(tmp_path: Path) -> None:
    text = "---\nid: a\ntitle: A\ndate:\n---\n"
    loaded = load(tmp_path, a=text)
    assert [item.slug for item in loaded.registrations] == ["a"]
    assert loaded.registrations[0].date is None
    assert [(item.key, item.line, item.level, item.code) for item in loaded.problems] == [
        ("description", 1, "warning", "missing-key"),
        ("homepage", 1, "warning", "missing-key"),
        ("source", 1, "warning", "missing-key"),
        ("archive", 1, "warning", "missing-key"),
        ("date", 4, "warning", "missing-key"),
    ]


def test_what_jekyll_reads_over_is_warned_of(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbf" + PLAIN.replace("license: MIT", "license: MIT\nlicense: BSD").encode()
    loaded = load(tmp_path, lamp=raw)
    assert loaded.registrations[0].data["license"] == "BSD"
    assert [(item.line, item.level, item.code) for item in loaded.problems] == [
        (1, "warning", "bom"),
        (8, "warning", "duplicate-key"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("---\nlayout", "layout", 1, "the file does not begin with front matter; write '---' alone on the first line"),
        ("title: Lamp", "title: [", 4, "the YAML cannot be read (did not find expected ',' or ']'); close the bracket that is open, or put the text in quotes"),
        ("layout: plugin", "layout: page", 2, "a registration has no other layout; write 'layout: plugin'"),
        ("id: lamp", "id: ../../etc/lamp", 3, "'../../etc/lamp' is no id; it has 1 to 100 letters, digits and _ . + -, begins with a letter, a digit or _, and has no dot at its end and no two in a row"),
        ("id: lamp", "note: x", 1, "this key has no value; every page and feed needs it"),
        ("id: lamp", "id: yes", 3, "must be text, not true or false; put it in quotes"),
        ("title: Lamp", "title: ' '", 4, "this key has no value; every page and feed needs it"),
        ("title: Lamp", "title: [Lamp]", 4, "must be text, not a list; put it in quotes"),
        ("title: Lamp", 'title: "La\\emp"', 4, "the text holds a control character; delete it"),
        ("description: Lights the bed.", "description: {a: b}", 5, "must be text, not a mapping; put it in quotes"),
        ("homepage: https://lamp.example", "homepage: javascript:alert(1)", 9, "'javascript:alert(1)' is no http or https address; write the whole address, e.g. 'https://example.com/plugin'"),
        ("archive: https://lamp.example/lamp.zip", "archive: [x]", 11, "must be an address, not a list; put it in quotes"),
        ("date: 2021-03-14", "date: some day", 8, "this is no day of the calendar; write e.g. 2024-10-07"),
        ("date: 2021-03-14", "date: 0001-01-01T00:00:00+14:00", 8, "this is no day of the calendar; write e.g. 2024-10-07"),
        ("date: 2021-03-14", "date: 9999-12-31 23:59:59 -12:00", 8, "this is no day of the calendar; write e.g. 2024-10-07"),
        ("license: MIT", "permalink: /index.html", 7, "this key would steer the renderer; remove it"),
        ("license: MIT", "render_with_liquid: true", 7, "this key would steer the renderer; remove it"),
        ("license: MIT", "stats: {month: {instances: 9}}", 7, "only the build writes this key; remove it"),
        ("license: MIT", "redirect_from: /plugins.json", 7, "'/plugins.json' is no former address of a plugin; write '/plugins/<old id>/'"),
    ],
)  # fmt: skip
def test_what_harms_is_left_out_with_its_reason(
    tmp_path: Path, old: str, new: str, line: int, reason: str
) -> None:
    assert old in PLAIN
    loaded = load(tmp_path, lamp=PLAIN.replace(old, new), other=PLAIN.replace("id: lamp", "id: other"))
    assert [item.id for item in loaded.registrations] == ["other"]
    assert loaded.left_out == {"lamp.md": reason}
    assert [(item.file, item.line, item.level, item.message) for item in loaded.problems] == [
        ((tmp_path / "lamp.md").as_posix(), line, "error", reason)
    ]


def test_of_two_files_with_one_id_the_one_named_after_it_stays(tmp_path: Path) -> None:
    loaded = load(tmp_path, a_lamp=PLAIN.replace("id: lamp", "id: LAMP"), lamp=PLAIN, z_lamp=PLAIN)
    assert [item.slug for item in loaded.registrations] == ["lamp"]
    message = "lamp.md has the id 'lamp'; give each plugin an id of its own"
    assert loaded.left_out == {"a_lamp.md": message, "z_lamp.md": message}


def test_of_two_other_names_the_first_stays(tmp_path: Path) -> None:
    loaded = load(tmp_path, b=PLAIN, a=PLAIN)
    assert [item.slug for item in loaded.registrations] == ["a"]


def test_nobody_redirects_the_page_of_another_plugin(tmp_path: Path) -> None:
    hijack = PLAIN.replace("id: lamp", "id: thief\nredirect_from: [/plugins/lamp/]")
    loaded = load(tmp_path, lamp=PLAIN, thief=hijack)
    assert [item.slug for item in loaded.registrations] == ["lamp"]
    assert loaded.left_out == {"thief.md": "'/plugins/lamp/' is the page of a listed plugin; remove it"}


def test_only_plain_markdown_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "lamp.rb").write_text("puts 1")
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "link.md").symlink_to(DATA / "_plugins/lantern.md")
    (tmp_path / "a b.md").write_text(PLAIN)
    loaded = load(tmp_path, lamp=PLAIN)
    assert [item.slug for item in loaded.registrations] == ["lamp"]
    alien = "only Markdown files belong here; remove it"
    assert loaded.left_out == {
        "a b.md": "a file name has 1 to 100 letters, digits and _ . + -, begins with a letter, a digit or _, and has no dot at its end and no two in a row; name the file after the plugin's id",
        "folder.md": alien,
        "lamp.rb": alien,
        "link.md": alien,
    }


def test_what_is_left_out_says_whose_it_is_and_where(tmp_path: Path) -> None:
    source = "https://github.com/ilse/Lamp"
    (tmp_path / "lamp.rb").write_text("puts 1")
    loaded = load(
        tmp_path,
        bad_id=PLAIN.replace("id: lamp", "id: ../lamp"),
        bad_source=PLAIN.replace("id: lamp", "id: Fan").replace("source: https:", "source: javascript:"),
        torn="---\nid: torn\ntitle: [",
        z_lamp=PLAIN,
        lamp=PLAIN,
    )
    entries = [each.entry for each in loaded.refused]
    assert [(entry.plugin, entry.slug, entry.code, entry.line, entry.source) for entry in entries] == [
        ("bad_id", "bad_id", "id", 3, source),
        ("Fan", "bad_source", "url", 10, ""),
        ("lamp.rb", "", "not-markdown", 1, ""),
        ("torn", "torn", "unclosed-front-matter", 1, ""),
        ("z_lamp", "z_lamp", "duplicate-id", 1, source),
    ]
    assert {entry.stage for entry in entries} == {"registration"}
    assert [entry.file for entry in entries] == [each.problem.file for each in loaded.refused]
    assert entries[-1].message == "id: lamp.md has the id 'lamp'; give each plugin an id of its own"


def test_only_takes_ids_and_file_names(tmp_path: Path) -> None:
    load(tmp_path, a=PLAIN, b=PLAIN.replace("id: lamp", "id: Bee"), c=PLAIN.replace("id: lamp", "id: c"))
    loaded = load_registrations(tmp_path, GITHUB, only=["a", "Bee", "lam"])
    assert [item.slug for item in loaded.registrations] == ["a", "b"]


def test_a_source_elsewhere_has_no_repository() -> None:
    assert load_registrations(DATA / "_plugins", GITHUB, only=["harbor"]).registrations[0].repo is None


@pytest.mark.parametrize(
    ("line", "python"),
    [("python: '>=3,<4'", ">=3,<4"), ("python: three", None), ("python: 3.7", None), ("os: [linux]", None)],
)
def test_a_specifier_counts_when_it_is_valid(tmp_path: Path, line: str, python: str | None) -> None:
    loaded = load(tmp_path, lamp=PLAIN.replace("license: MIT", f"compatibility:\n  {line}"))
    assert loaded.registrations[0].python == python


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_registrations(tmp_path / "nothing", GITHUB)


def test_nothing_is_written(tmp_path: Path) -> None:
    load(tmp_path, lamp=PLAIN, bad="x")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    load_registrations(tmp_path, GITHUB)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


def test_a_newcomer_does_not_take_an_id_that_was_published(tmp_path: Path) -> None:
    for name, plugin_id in (("Lamp", "Lamp"), ("lamp", "lamp"), ("A", "lamp")):
        (tmp_path / f"{name}.md").write_text(PLAIN.replace("id: lamp", f"id: {plugin_id}"), encoding="utf-8")
    assert [item.slug for item in load_registrations(tmp_path, GITHUB).registrations] == ["Lamp"]
    loaded = load_registrations(tmp_path, GITHUB, published=["lamp"])
    assert [item.slug for item in loaded.registrations] == ["lamp"]
    assert [each.plugin for each in loaded.refused] == ["A", "Lamp"]


def test_a_newcomer_s_file_at_an_address_that_a_published_plugin_redirects_costs_that_one_nothing(
    tmp_path: Path,
) -> None:
    moved = PLAIN.replace("id: lamp", "id: lantern\nredirect_from: /plugins/lamp/")
    for name, text in (("lantern", moved), ("lamp", PLAIN), ("thief", moved.replace("lantern", "thief"))):
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    for lamp, published in ((PLAIN, {"lamp", "lantern"}), ("broken", {"lantern"})):
        (tmp_path / "lamp.md").write_text(lamp, encoding="utf-8")
        loaded = load_registrations(tmp_path, GITHUB, published=["lantern"])
        assert {item.slug for item in loaded.registrations} == published
        assert loaded.left_out["thief.md"] == "'/plugins/lamp/' is the page of a listed plugin; remove it"


def test_a_newcomer_takes_no_former_address_that_a_published_plugin_redirects(tmp_path: Path) -> None:
    moved = PLAIN.replace("id: lamp", "id: lantern\nredirect_from: /plugins/lamp/")
    thief = PLAIN.replace("id: lamp", "id: thief\nredirect_from: /plugins/Lamp")
    (tmp_path / "lantern.md").write_text(moved, encoding="utf-8")
    (tmp_path / "thief.md").write_text(thief, encoding="utf-8")
    loaded = load_registrations(tmp_path, GITHUB, published=["lantern"])
    assert loaded.left_out == {"thief.md": "'/plugins/Lamp' leads to 'lantern' already; remove it"}


@pytest.mark.parametrize(
    "of", ["registry.registration.frontmatter.RegistrationHandler.load", "registry.registration.load.day_of"]
)
def test_a_file_that_makes_our_reading_raise_is_left_out_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    def raising(*arguments: Any) -> Any:
        if "1999-09-09" in str(arguments):
            raise IndexError("no such place")
        return real(*arguments)

    module, _, name = of.rpartition(".")
    real = getattr(pkgutil.resolve_name(module), name)
    monkeypatch.setattr(of, raising)
    loaded = load(
        tmp_path, lamp=PLAIN, odd=PLAIN.replace("2021-03-14", "'1999-09-09'").replace("id: lamp", "id: odd")
    )
    assert [item.slug for item in loaded.registrations] == ["lamp"]
    assert re.fullmatch(
        r"the file cannot be read \(IndexError in \w+\.py, line \d+\); report this as a fault of Almanac",
        loaded.left_out["odd.md"],
    )
