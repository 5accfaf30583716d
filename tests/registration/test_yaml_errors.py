"""What libyaml cannot read is told on the line of the slip, not on the one where libyaml gave up."""

import pytest

from registry.registration.frontmatter import FrontMatterError, parse

QUOTE = "close the quote that is open"
SPECIAL = "a text that begins with a special character goes in quotes"
ENTRY = "begin each entry of a list with '- ', a hyphen and a blank; other texts go in quotes"
SPACE = "what looks like a space here is none; type a plain space"


@pytest.mark.parametrize(
    ("front_matter", "line", "cure"),
    [
        ('a: "x\nb: y\nc: "z"\n', 2, QUOTE),
        ("a: x\nb: 'y\nc: it's\n", 3, QUOTE),
        ('a:\n- "x\n- "y"\n', 3, QUOTE),
        ('a: "x\nb: c\n', 2, QUOTE),
        # A quoted text may have several lines, and what looks like a key in them.
        ('a: "x\n  Note: y"\nb: @c\n', 4, SPECIAL),
        ("a: 'x\n  Note: y''s' # z\nb: @c\n", 4, SPECIAL),
        ('a: "x\\\\"\nb: @c\n', 3, SPECIAL),
        ("a:\n- x\n-y\nb: c\n", 4, ENTRY),
        ("a:\n- x\n• y\nb: c\n", 4, ENTRY),
        ("a:\n  b: c\n\u2003 d: e\nf: @\n", 4, SPACE),
        ("a:\u3000b\nc: d\n", 2, SPACE),
        # After the fault, an odd space is not it.
        ("a: @b\nc: d\u00a0e\nf:\u00a0g\n", 2, SPECIAL),
    ],
)
def test_the_slip_is_told_with_its_line(front_matter: str, line: int, cure: str) -> None:
    with pytest.raises(FrontMatterError) as caught:
        parse(f"---\n{front_matter}---\n".encode(), "a.md")
    assert (caught.value.line, caught.value.code) == (line, "yaml-syntax")
    assert caught.value.message.endswith(f"; {cure}")


@pytest.mark.parametrize(
    ("text", "line", "end"),
    [
        ("---\na: b\n----\nBody\n", 3, ", with nothing before it"),
        ("---\na: b\n ---\nBody\n", 3, ", with nothing before it"),
        ("---\na: b\n——\nBody\n", 3, ", with nothing before it"),
        ("---\na: b\nBody\n", 1, ""),
        ("---\na: b\n- \nBody\n", 1, ""),
    ],
)
def test_an_end_that_is_nearly_one_is_told_with_its_line(text: str, line: int, end: str) -> None:
    with pytest.raises(FrontMatterError) as caught:
        parse(text.encode(), "a.md")
    assert (caught.value.line, caught.value.code) == (line, "unclosed-front-matter")
    assert caught.value.message.endswith(f"; write '---' alone on the line after its last key{end}")
