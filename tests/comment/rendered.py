"""A comment as HTML, and what GitHub would make of its texts: nothing of a stranger's may be obeyed."""

import re
import shutil
import subprocess

from selectolax.lexbor import LexborHTMLParser

RENDER = """
require "kramdown"; require "kramdown-parser-gfm"
print Kramdown::Document.new(
  STDIN.read.force_encoding("UTF-8"), input: "GFM", syntax_highlighter: nil,
  smart_quotes: "apos,apos,quot,quot"
).to_html
"""
OURS = ("https://github.com/",)
ELEMENTS = {
    "html", "head", "body", "p", "h3", "ul", "li", "strong", "em", "a", "code", "pre", "table", "thead",
    "tbody", "tr", "th", "td", "br", "sub", "blockquote", "hr", "input", "div", "span",
}  # fmt: skip
"""Of our comments. `div` and `span` come from the renderer's blocks of code."""


def render(markdown: str) -> LexborHTMLParser:
    ruby = shutil.which("ruby")
    assert ruby is not None
    done = subprocess.run(
        [ruby, "-e", RENDER], input=markdown.encode(), capture_output=True, check=True, timeout=60
    )
    return LexborHTMLParser(done.stdout.decode())


def assert_harmless(markdown: str) -> None:
    """Assert that the comment has no element, address, mention or reference but ours."""
    assert len(markdown) <= 65_536
    tree = render(markdown)
    odd = {node.tag for node in tree.css("*")} - ELEMENTS
    assert not odd, [node.parent.html[:600] for tag in odd for node in tree.css(tag)]  # type: ignore[union-attr, index]
    for node in tree.css("a"):
        href = node.attributes.get("href") or ""
        assert href.startswith(OURS), href
    for node in tree.css("*"):
        assert not [
            name for name in node.attributes if name.startswith("on") or name in ("style", "src", "srcset")
        ]
    for node in tree.css("code, pre, a"):
        node.decompose()  # GitHub links nothing in code
    body = tree.body
    assert body is not None
    text = body.text()
    for pattern in (
        r"@[A-Za-z0-9]",
        r"#[0-9]",
        r"(?i)gh-[0-9]",
        r"(?i)https?://",
        r"(?i)www\.[a-z]",
        r":[a-z0-9_+-]+:",
    ):
        assert not re.search(pattern, text), re.search(pattern, text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]", markdown)
    assert_fences_closed(markdown)


def assert_fences_closed(markdown: str) -> None:
    """Assert that each block of code ends where it should."""
    fence = ""
    for line in markdown.split("\n"):
        match = re.match(r"\s*(`{3,})(.*)$", line)
        if not match:
            continue
        if not fence:
            fence = match[1]
        elif len(match[1]) >= len(fence) and not match[2].strip():
            fence = ""
    assert fence == ""
