"""Which addresses a registration holds, and on which line each stands."""

import time

import pytest

from registry.links.addresses import MOST_IN_BODY, Link, links_of
from registry.registration.frontmatter import parse
from tests.support.builders import registration

HEAD = """---
layout: plugin
id: demo
homepage: https://demo.example/#about
source: https://github.com/maker/Demo
archive: https://github.com/maker/Demo/archive/main.zip
privacypolicy: https://demo.example/privacy
screenshots:
- url: /assets/img/plugins/demo/tab.png
  alt: A tab
- alt: Another
  url: https://img.example/two words.png
featuredimage: /assets/img/plugins/demo/tab.png
---
"""


def found(body: str = "", head: str = HEAD) -> list[Link]:
    return list(links_of(registration(), parse((head + body).encode(), "_plugins/demo.md", patient=True)))


def in_body(body: str) -> list[tuple[int, str, str]]:
    return [(link.place.line, link.use, link.url) for link in found(body) if link.place.key == "body"]


def test_every_address_of_the_front_matter_has_its_key_and_its_line() -> None:
    assert [(link.place.line, link.place.key, link.use, link.url) for link in found()] == [
        (4, "homepage", "homepage", "https://demo.example/"),
        (5, "source", "source", "https://github.com/maker/Demo"),
        (6, "archive", "archive", "https://github.com/maker/Demo/archive/main.zip"),
        (7, "privacypolicy", "privacypolicy", "https://demo.example/privacy"),
        (9, "screenshots[0].url", "image", "/assets/img/plugins/demo/tab.png"),
        (12, "screenshots[1].url", "image", "https://img.example/two%20words.png"),
        (13, "featuredimage", "image", "/assets/img/plugins/demo/tab.png"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("See [it](https://a.example/x#part).", [(15, "body", "https://a.example/x")]),
        ("\n\n[it](<https://a.example/x> 'title')", [(17, "body", "https://a.example/x")]),
        ("[it](https://a.example/Foo_(bar))", [(15, "body", "https://a.example/Foo_(bar)")]),
        ("[it][1]\n\n[1]: https://a.example/ref", [(17, "body", "https://a.example/ref")]),
        ("<https://a.example/bare>", [(15, "body", "https://a.example/bare")]),
        ("![alt](https://a.example/i.png)", [(15, "image", "https://a.example/i.png")]),
        ("![alt](/assets/img/plugins/demo/x.png)", [(15, "image", "/assets/img/plugins/demo/x.png")]),
        ('<img alt="x>y" src="https://a.example/i.png?a=1&amp;b=2">', [(15, "image", "https://a.example/i.png?a=1&b=2")]),
        ("<A HREF='https://a.example/'>x</A>", [(15, "body", "https://a.example/")]),
        (
            "[![alt](https://a.example/i.png)](https://a.example/page)",
            [(15, "body", "https://a.example/page"), (15, "image", "https://a.example/i.png")],
        ),
        ("[a](https://a.example/)\n[b](https://a.example/)", [(15, "body", "https://a.example/")]),
        ("```\n[it](https://a.example/)\n```\nand `[it](https://b.example/)`", []),
        ("[a](#anchor) [b](/plugins/x/) [c](mailto:a@b.example) [d](other.md) ![e](//x.example/i.png)", []),
        ("[a]({{ page.homepage }}#manual) [b](https://a.example/{{ site.url }})", []),
        ("[a](javascript:alert(1)) [b](https://user:pass@a.example/) [c](http://)", []),
    ],
)  # fmt: skip
def test_the_addresses_of_a_body(body: str, expected: list[tuple[int, str, str]]) -> None:
    assert in_body(body) == expected


def test_of_a_body_so_many_addresses_are_looked_at() -> None:
    body = "\n".join(f"[{number}](https://a.example/{number})" for number in range(500))
    assert len(in_body(body)) == MOST_IN_BODY


@pytest.mark.parametrize(
    "unit",
    [
        "](",
        "[a](",
        "[](((",
        "![",
        "<img ",
        '<img a="',
        "<a '",
        "[![a](",
        "[1]: http",
        "<http://",
        "<img src=",
    ],
)
def test_a_hostile_body_takes_no_time(unit: str) -> None:
    body = unit * (500_000 // len(unit))
    started = time.process_time()
    in_body(body)
    assert time.process_time() - started < 5


def test_values_of_the_wrong_kind_are_passed_over() -> None:
    keys = [
        "homepage: [a]",
        "source: 3",
        "archive: ftp://x.example/",
        "screenshots: {a: b}",
        "featuredimage: true",
    ]
    head = "\n".join(["---", *keys, "---", ""])
    assert found(head=head) == []
