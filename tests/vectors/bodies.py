"""Bodies for the two sanitisers: those of attacks, of registrations and documents, and mixtures made by chance."""

# ruff: noqa: E501 -- fragments are easier to compare side by side

import random
from collections.abc import Iterator
from pathlib import Path

from registry.registration.frontmatter import FrontMatterError, parse
from tests.hostile import test_fuzz
from tests.hostile.catalogue import catalogue
from tests.site import attacks

ROOT = Path(__file__).parents[2]
SEED = 20261121
ENDLESS = {"body-brackets", "body-stars"}
"""They are made to occupy kramdown for ever: a build gives them up before any sanitiser sees them."""

OPENINGS = {
    **{f"<{name}>": name for name in ("p", "em", "strong", "ul", "ol", "li", "pre", "code", "blockquote", "del", "dl", "dt", "dd",
                                      "table", "thead", "tbody", "tr", "td", "th", "b", "i", "u", "s", "small", "sub", "sup", "kbd")},
    **{f'<h{level}{key}>': f"h{level}" for level in range(1, 7) for key in ("", ' id="main"', ' id="a"', f' id="n{level}"', ' class="x"')},
    '<p align="center">': "p", '<p align="x" onclick="x">': "p", '<td style="text-align: right">': "td", '<th style="text-align: left">': "th",
    '<code class="language-python">': "code", '<code class="language-python x">': "code", '<a href="https://example.org/">': "a",
    '<a href="/plugins/x/" title="t">': "a", '<a href="mailto:a@b.example">': "a", '<a href="javascript:alert(1)">': "a",
    '<a href="#main">': "a", '<a href="/&#47;evil.example">': "a", '<a href="https://example.org/?a&amp;b&copy=1">': "a",
    '<details>': "details", '<div class="callout">': "div", '<svg>': "svg", '<P>': "P",
}  # fmt: skip
"""What kramdown writes, and some of what is written into Markdown by hand, with the element's name."""
PIECES = (
    "word", "word ", " ", "\n", "\n\n", "\u00a0", "&nbsp;", "&#160;", "&emsp;", "&amp;", "&lt;", "&copy", "x &quot; y", "it's", '"', ">", "\u200b", "\u202e", "",
    "<br />", "<hr />", "<br>", "</p>", "<!-- x -->", "<script>alert(1)</script>", '<img src="/assets/img/plugins/x/a.png" alt="a" />',
    '<img src="/assets/img/plugins/x/a.png" />', '<img src="/assets/img/plugins/x/a.png" alt="" title="t" />', '<img src="x" onerror="alert(1)" />',
    '<img src="https://pictures.example/b.png" alt="b &amp; c" />', '<img src="https://pictures.example/b.png" />', '<img src="javascript:alert(1)" alt="x" />',
)  # fmt: skip
MARKDOWN = ("# ", "\n## ", "\n\n- ", "\n1. ", "> ", "**", "*", "`", "~~", "    ", "\n\n| a | b |\n|:-:|--:|\n| ", " | ", "[x](https://example.org/)",
            "[", "](/plugins/x/)", "![x](/assets/img/plugins/x/a.png)", "![x](https://pictures.example/a.png)", "{: #main}", "\n```python\n", "\n```\n",
            "[^1]", "\n\n[^1]: note\n", "\n\nterm\n: text\n", "<https://example.org/>", "- [x] ")  # fmt: skip

TRICKS = (
    '<a href="https://example.org/">x<a href="/plugins/x/">y</a><img src="https://pictures.example/b.png" /></a>',
    '<p>word<table><hr />x</table>y</p>', '<p>word<table><img src="https://pictures.example/b.png" /></table></p>',
    '<table><tr><td>x</td><p>y</p></tr></table>', '<p><table><tr>x<hr /></tr></table></p>',
    '<h2><img src="/assets/img/plugins/x/a.png" /></h2>', '<h3>&nbsp;</h3>', '<h3>&emsp;<em></em></h3>', "<h4>x<h5>y</h5></h4>",
    "<table><tr><td><h1>x</h1></td><h2>y</h2></tr></table>", "<blockquote>" * 199 + "x" + "</blockquote>" * 199,
    "<blockquote>" * 300 + "x" + "</blockquote>" * 300, "<table><tr><td>" * 70 + "x" + "</td></tr></table>" * 70,
)  # fmt: skip
"""What the parser of a browser moves, or the careful one leaves out, although each tag is closed."""


def html(many: int) -> list[str]:
    """Return what kramdown might have made: elements within one another, most of them closed; the same each time."""
    chance = random.Random(SEED)
    return [*TRICKS, *(_element(chance) for _ in range(many))]


def _element(chance: random.Random, depth: int = 0) -> str:
    made = []
    for _ in range(chance.randint(1, 4)):
        if depth < 6 and chance.random() < 0.4:
            opening, name = chance.choice(list(OPENINGS.items()))
            made += [opening, _element(chance, depth + 1), f"</{name}>" if chance.random() < 0.98 else ""]
        else:
            made.append(chance.choice(PIECES[: 9 if chance.random() < 0.5 else None]))
    return "".join(made)


def markdown(many: int) -> list[str]:
    """Return every body that the tests have, and `many` made by chance; the same each time."""
    chance = random.Random(SEED)
    fragments = (*MARKDOWN * 4, *PIECES, *OPENINGS, *test_fuzz.PIECES)
    made = ["".join(chance.choices(fragments, k=chance.randint(2, 20))) for _ in range(many)]
    return [*_written(), *made]


def _written() -> Iterator[str]:
    yield from (attack.body for attack in catalogue().values() if attack.body)
    yield from (body for name, (_, body) in attacks.attacks().items() if name not in ENDLESS)
    yield from (body for _, body in test_fuzz.registrations().values())
    for folder in ("_plugins", "tests/data", "docs", "examples"):
        for path in sorted((ROOT / folder).rglob("*.md")):
            try:
                yield parse(path.read_bytes(), path.name, patient=True).body
            except FrontMatterError:
                yield path.read_text(encoding="utf-8", errors="replace")
