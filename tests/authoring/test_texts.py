"""Texts from outside become one plain line; licences become SPDX identifiers; YAML looks hand-written."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.authoring import licences
from registry.authoring.texts import humanised, people, plain_line
from registry.authoring.writing import nested, render
from registry.registration.frontmatter import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lights\nthe  bed", "Lights the bed"),
        ("[![b](https://x/y)](https://z) Lights ![i](a)", "Lights"),
        ("See [docs](https://x) and `code`, **bold** _it_", "See docs and code, bold it"),
        ("<b>Lights</b> &amp; more &lt;script&gt;", "Lights & more"),
        ("a\x00b\u202ec\ud800", "abc"),
        ("snake_case_name stays 2*3*4", "snake_case_name stays 2*3*4"),
        ("", ""),
    ],
)
def test_a_line_has_words_only(text: str, expected: str) -> None:
    assert plain_line(text, 300) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("word " * 20, "word word word word…"), ("x" * 30, "x" * 19 + "…"), ("x" * 20, "x" * 20)],
)
def test_a_long_line_is_cut_at_a_word(text: str, expected: str) -> None:
    assert plain_line(text, 20) == expected


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("OctoPrint-BedLamp", "Bed Lamp"),
        ("octoprint_bed-lamp", "Bed Lamp"),
        ("OctoPrint Bed-Lamp", "Bed-Lamp"),
        ("octoprint", "Octoprint"),
        ("GPX", "GPX"),
        ("bedlamp", "Bedlamp"),
        ("OctoPrint-MQTT", "MQTT"),
        ("OctoPrint-", "OctoPrint"),
        ("", ""),
    ],
)
def test_a_name_becomes_a_title(name: str, title: str) -> None:
    assert humanised(name, ("octoprint_", "OctoPrint")) == title


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada", ["Ada"]),
        ("Ada, Bob & Cleo and Dan; Eve", ["Ada", "Bob", "Cleo", "Dan", "Eve"]),
        ("Widgets, Inc.", ["Widgets, Inc."]),
        ("Andy Sander", ["Andy Sander"]),
        (" ; ", []),
    ],
)
def test_several_people_are_parted(text: str, names: list[str]) -> None:
    assert people(text) == names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AGPLv3", "AGPL-3.0"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GPL v2", "GPL-2.0"),
        ("mit", "MIT"),
        ("The MIT License", "MIT"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("My own licence", "My own licence"),
        ("AGPL-3.0-or-later", "AGPL-3.0-or-later"),
        ("(" * 90, "(" * 90),
    ],
)
def test_a_licence_is_named_as_spdx_does(name: str, expected: str) -> None:
    assert licences.spdx(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("   GNU AFFERO GENERAL PUBLIC LICENSE\n     Version 3, 19 November 2007", "AGPL-3.0"),
        (
            "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy",
            "MIT",
        ),
        ("Redistribution and use in source and binary forms … Neither the name", "BSD-3-Clause"),
        ("Redistribution and use in source and binary forms …", "BSD-2-Clause"),
        ("All rights reserved", ""),
    ],
)
def test_a_licence_is_known_by_its_text(text: str, expected: str) -> None:
    assert licences.of_text(text) == expected


def test_a_classifier_that_means_several_licences_means_none() -> None:
    assert licences.of_classifier("License :: OSI Approved :: BSD License") == ""
    assert licences.of_classifier("License :: OSI Approved :: MIT License") == "MIT"
    assert licences.of_classifier("Topic :: MIT License") == ""


def test_or_later_is_no_contradiction() -> None:
    assert licences.same("AGPLv3", "AGPL-3.0-or-later")
    assert not licences.same("GPL-3.0", "AGPL-3.0")


# --- writing ---------------------------------------------------------------------------------------------

WHOLE = {
    "layout": "plugin",
    "id": "my_plugin",
    "title": "My: Plugin #1",
    "description": "Says in one sentence what it does for whoever prints.",
    "author": "Ada Lovelace",
    "license": "AGPL-3.0-or-later",
    "date": date(2024, 10, 7),
    "homepage": "https://github.com/ada/OctoPrint-MyPlugin",
    "source": "https://github.com/ada/OctoPrint-MyPlugin",
    "archive": "https://github.com/ada/OctoPrint-MyPlugin/archive/main.zip",
    "tags": ["lamp", "yes", "1.10"],
    "compatibility.octoprint": ["1.4.0"],
    "compatibility.python": ">=3.7,<4",
}


def test_a_registration_looks_as_the_guide_shows_it() -> None:
    assert render(WHOLE, "Lights the bed.\n") == (
        """---
layout: plugin
id: my_plugin
title: "My: Plugin #1"
description: Says in one sentence what it does for whoever prints.
author: Ada Lovelace
license: AGPL-3.0-or-later
date: 2024-10-07

homepage: https://github.com/ada/OctoPrint-MyPlugin
source: https://github.com/ada/OctoPrint-MyPlugin
archive: https://github.com/ada/OctoPrint-MyPlugin/archive/main.zip

tags:
- lamp
- "yes"
- "1.10"

compatibility:
  octoprint:
  - 1.4.0
  python: ">=3.7,<4"
---

Lights the bed.
"""
    )


ODD = st.text(alphabet=st.sampled_from(list("aA1:#-&*!|>%@`'\"{}[],?~ \t\n=<.+_éß\u2028\u202e")), max_size=12)


@settings(max_examples=500, deadline=None)
@given(ODD, st.lists(ODD, min_size=1, max_size=4))
def test_whatever_a_value_is_it_reads_back_the_same(text: str, items: list[str]) -> None:
    flat: dict[str, Any] = {"layout": "plugin", "title": text, "tags": items, "compatibility.python": text}
    document = parse(render(flat, "").encode(), "x.md")
    assert document.data == nested(flat)
    assert document.body == ""


@pytest.mark.parametrize(
    "text",
    ["yes", "NO", "null", "~", "1e3", "0x1F", "2024-01-02", "12:30", "a: b", "- a", "a #b", "---", "...",
     "a:", "=", "<<", "!x", "&a", "x\n---\nid: evil", "'", '"', "{a}", "@x", "%x", " a", "a ",
     ":sym", "Off", "key: ["],
)  # fmt: skip
def test_a_text_that_yaml_would_take_for_something_else_is_quoted(text: str) -> None:
    document = parse(render({"layout": "plugin", "title": text}, "").encode(), "x.md")
    assert document.data == {"layout": "plugin", "title": text}


def test_half_a_surrogate_pair_cannot_be_written() -> None:
    with pytest.raises(ValueError, match=r"^a value would not read back as it was$"):
        render({"layout": "plugin", "title": "\ud800"}, "")
