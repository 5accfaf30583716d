"""A comment as HTML, and what GitHub would make of its texts: nothing of a stranger's may be obeyed."""

import atexit
import re
import shutil
import subprocess
from functools import cache

from selectolax.lexbor import LexborHTMLParser

RENDER = """
require "kramdown"; require "kramdown-parser-gfm"
$stdout.binmode
while (size = $stdin.gets)
  text = $stdin.read(size.to_i).force_encoding("UTF-8")
  html = Kramdown::Document.new(
    text, input: "GFM", syntax_highlighter: nil, smart_quotes: "apos,apos,quot,quot"
  ).to_html
  print html.bytesize, "\n", html
  $stdout.flush
end
"""
OURS = ("https://github.com/",)
ELEMENTS = {
    "html", "head", "body", "p", "h3", "ul", "li", "strong", "em", "a", "code", "pre", "table", "thead",
    "tbody", "tr", "th", "td", "br", "sub", "blockquote", "hr", "input", "div", "span",
}  # fmt: skip
"""Of our comments. `div` and `span` come from the renderer's blocks of code."""


@cache
def _renderer() -> subprocess.Popen[bytes]:
    """Return the process that renders for all tests of this one."""
    ruby = shutil.which("ruby")
    assert ruby is not None
    started = subprocess.Popen([ruby, "-e", RENDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(started.kill)
    return started


def render(markdown: str) -> LexborHTMLParser:
    asked, answers = _renderer().stdin, _renderer().stdout
    assert asked
    assert answers
    text = markdown.encode()
    asked.write(b"%d\n%s" % (len(text), text))
    asked.flush()
    return LexborHTMLParser(answers.read(int(answers.readline())).decode())


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
