"""The first paragraphs of a README become Markdown in which nothing runs and every link is whole."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.authoring.checking import Checker
from registry.authoring.readme import Home, absolute, first_paragraphs, is_readme
from tests.support.builders import NOW

HOME = Home(folder="https://github.com/ada/lamp/blob/main/", page="https://github.com/ada/lamp")
CHECKER = Checker(today=NOW.date(), server_url="https://github.com")


def plain(text: str, name: str = "README.md") -> str:
    return first_paragraphs(text, name, HOME)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Lamp\n\nLights *up*.\n", "Lights *up*."),
        ("Lamp\n====\n\nLights up.\n", "Lights up."),
        ("[![CI](https://x/y.svg)](https://x/y)\n\nLights up.", "Lights up."),
        ("![shot](a.png) Lights up ![x][y] now.", "Lights up now."),
        ("Lights <b>up</b>. <img src=x onerror=alert(1)>", "Lights up."),
        ("<p align=center>\nLights up\n</p>", "Lights up"),
        ("<script>\nalert(1)\n\nhidden\n</script>\n\nLights up.", "Lights up."),
        ("<!-- a\n\nb -->Lights up.", "Lights up."),
        ("Lights up.\n\n<script>the rest", "Lights up."),
        ("See the [manual](docs/a.md).", "See the [manual](https://github.com/ada/lamp/blob/main/docs/a.md)."),
        ("See [below](#more).", "See [below](https://github.com/ada/lamp#more)."),
        ("See [it][ref].\n\n[ref]: https://x.example/ 'T'", "See [it](https://x.example/)."),
        ("See [ref][].\n\n[ref]: https://x.example/", "See [ref](https://x.example/)."),
        ("See <https://x.example/>.", "See [https://x.example/](https://x.example/)."),
        ("[a](javascript:alert(1)) b", "a b"),
        ("[a](java&#115;cript:alert) b", "a b"),
        ("[a](data:text/html,x) [b](//evil.example) [c](C:\\x)", "a b c"),
        ("[<img src=x>word](https://x.example)", "[word](https://x.example)"),
        ("[x]<b>(javascript:alert(1))", "[x](javascript:alert(1))".replace("](", "] (")),
        ("[x]&#40;javascript:alert(1))", "[x] (javascript:alert(1))"),
        ("> [x]: javascript:alert(1)", "[x] : javascript:alert(1)"),
        ("{{ site.x }} {% include a %} `{{ y }}`", "{ { site.x }} { % include a %} `{ { y }}`"),
        ("{{{{ x", "{ { { { x"),
        ("&lt;script&gt;alert(1)&lt;/script&gt; a", "&lt;script>alert(1)&lt;/script> a"),
        ("&amp;lt;b&amp;gt; R&D", "&lt;b> R&D"),
        ("1 < 2 & 3", "1 &lt; 2 & 3"),
        ("Use `<b>` here", "Use `<b>` here"),
        ("A\u202eB\u200bC\x1b[31m", "ABC[31m"),
        ("It can:\n\n- dim\n* blink\n1. glow", "It can:\n\n- dim\n- blink\n- glow"),
        ("Lights up.\n\n## Features\n\nMany.\n\n## Installation\n\nHere.", "Lights up.\n\nMany."),
        ("Lights up.\n\nIt can:\n\n```\ncode\n```\n", "Lights up."),
        ("```\ncode\n\nmore\n```\n\nLights up.", "Lights up."),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\nLights up.", "Lights up."),
        ("    indented code\n\nLights up.", "Lights up."),
        ("a\n\nb\n\nc\n\nd\n\ne", "a\n\nb\n\nc\n\nd"),
        ("---\n\nLights up.\n\n***", "Lights up."),
        ("\ufeffLights\r\nup.\r\n", "Lights\nup."),
        ("", ""),
        ("# Only a heading", ""),
        ("~~~~\nx", ""),
        ("a ``b` c", "a ''b' c"),
    ],
)  # fmt: skip
def test_what_becomes_of_markdown(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_long_introductions_end_with_a_whole_paragraph() -> None:
    text = "\n\n".join(["word " * 200] * 4)
    assert plain(text) == " ".join(["word"] * 200)


def test_restructured_text_becomes_markdown() -> None:
    text = """
=====
 Lamp
=====

.. image:: a.png
   :alt: x

Lights ``up`` with `the manual <https://m.example/>`_ and :ref:`more` of it_.

Installation
------------

Here.
"""
    assert plain(text, "README.rst") == "Lights `up` with [the manual](https://m.example/) and more of it."


@pytest.mark.parametrize(
    "text",
    ["<script" * 3_000, "<!--" * 5_000, "[" * 20_000, "[a](" * 5_000, "![" * 9_000, "`" * 20_000,
     "<a " * 6_000, "{{" * 10_000, "&#" * 9_000, "[a]" * 6_000, "a\n\n" * 6_000, "|" * 20_000,
     "(" * 20_000, "`a` " * 5_000],
)  # fmt: skip
@pytest.mark.parametrize("name", ["README.md", "README.rst"])
def test_a_hostile_readme_takes_no_time(text: str, name: str) -> None:
    started = time.perf_counter()
    body = plain(text, name)
    assert time.perf_counter() - started < 3
    assert CHECKER.body_fault(body) is None


FORMS = (
    "[x](",
    ")",
    "](",
    "]:",
    "[",
    "]",
    "<",
    ">",
    "<script>",
    "</script>",
    "javascript:",
    "{{",
    "}}",
    "{%",
    "`",
)
FORMS += (
    "&lt;",
    "&#60;",
    "&#x5d;",
    "\n",
    "\n\n",
    "- ",
    "> ",
    "    ",
    "# ",
    "\u202e",
    "\x00",
    "![",
    "<!--",
    "on=1",
)
FORMS += (
    "<svg onload=x>",
    "https://e.example",
    " ",
    "a",
    "===",
    "\t",
    "\\",
    "[a]: data:x",
    "<iframe",
    "'",
    '"',
)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(FORMS), max_size=30), st.sampled_from(["README.md", "README.rst", "README"]))
def test_whatever_a_readme_holds_the_validator_accepts_the_body(parts: list[str], name: str) -> None:
    body = plain("".join(parts), name)
    assert CHECKER.body_fault(body) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("../x", "https://github.com/ada/lamp/blob/x"),
        ("https://x.example/a b", "https://x.example/a%20b"),
        ("https://[::1", ""),
        ("HTTPS://x.example", "https://x.example"),
        ("mailto:a@b.c", ""),
        ("ftp://x.example", ""),
        ("https://u:p@x.example/", ""),
        ("https://x.example/{{y}}", "https://x.example/%7B%7By%7D%7D"),
    ],
)
def test_only_whole_web_addresses_are_links(url: str, expected: str) -> None:
    assert absolute(url, HOME) == expected


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("README.md", True),
        ("readme.RST", True),
        ("README", True),
        ("README.md.bak", False),
        ("../README", False),
    ],
)
def test_a_readme_is_known_by_its_name(name: str, fits: bool) -> None:
    assert is_readme(name) is fits
