"""Text in a comment is shown as it is, and nothing of it is obeyed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.text.github_markdown import (
    MAX_COMMENT,
    Part,
    assemble,
    cell_code,
    code,
    fence,
    is_showable,
    link,
    plain,
    with_addresses,
)
from tests.review.comment.rendered import assert_fences_closed, render


def shown(markdown: str) -> str:
    body = render(markdown).body
    assert body is not None
    return body.text().strip()


@pytest.mark.parametrize(
    "text", ["a*b*c", "_x_", "[a](b)", "<b>x</b>", "a | b", "1 < 2 & 3", "~~x~~", "`x`", "\\*"]
)
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert shown(f"- {plain(text)}") == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("@everyone", "&#64;&#8203;everyone"),
        ("#12", "&#35;&#8203;12"),
        ("GH-12", "GH&#45;&#8203;12"),
        ("www.x.example", "www&#8203;.x.example"),
        (f"of {'c' * 40}.", f"of c&#8203;{'c' * 39}."),
        ("16c999e", "1&#8203;6c999e"),
        ("16c999, 16c999ez", "16c999, 16c999ez"),
        (":shipit:", "&#58;&#8203;shipit&#58;&#8203;"),
        ("a\u202eb", "a&#92;u202eb"),
        ("a\nb", "a&#92;nb"),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_what_github_would_obey_is_broken(text: str, written: str) -> None:
    assert plain(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("see https://x.example/a_b; or *", "see `https://x.example/a_b`; or &#42;"),
        ("(http://x.example/`)", "&#40;`` http://x.example/` ``&#41;"),
        ("ftp://x.example", "ftp&#58;&#8203;//x.example"),
    ],
)
def test_an_address_in_a_text_can_be_copied_and_leads_nowhere(text: str, written: str) -> None:
    assert with_addresses(text) == written


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(alphabet="`a *_<>|\\", min_size=1, max_size=12), min_size=1, max_size=6))
def test_code_is_shown_as_it_is(texts: list[str]) -> None:
    texts = [text for text in texts if text.strip()]
    tree = render("\n\n".join(f"- {code(text)}" for text in texts))
    found = [node.text() for node in tree.css("code")]
    # The renderer drops blanks at the ends; what is between them is what counts.
    assert [text.strip() for text in found] == [text.strip() for text in texts]


def test_a_bar_ends_no_cell() -> None:
    tree = render(f"| a | b |\n|---|---|\n| {cell_code('x|y')} | z |\n")
    # The renderer keeps the backslash, which GitHub takes away.
    assert [cell.text() for cell in tree.css("td")] == ["x\\|y", "z"]


@given(st.lists(st.text(alphabet="`~ax ", max_size=10), max_size=8))
def test_a_block_of_code_ends_where_it_should(lines: list[str]) -> None:
    assert_fences_closed(fence(lines, "diff"))


def test_a_link_leads_nowhere_else() -> None:
    assert link("x", "https://github.com/a>b) [y](z") == "[x](<https://github.com/a%3Eb%29%20%5By%5D%28z>)"
    assert link("x", "javascript:alert(1)") == "x"
    assert link("x", "https://[evil]") == "x"


def test_what_cannot_be_shown_is_not_suggested() -> None:
    assert is_showable(["title: Lamp", "\tx"])
    assert not is_showable(["title: \u202eLamp"])
    assert not is_showable(["title: \udce4"])


def test_a_long_comment_loses_whole_items_of_its_longest_list() -> None:
    items = [f"- {number}\n\n  ```diff\n  +{'x' * 800}\n  ```\n" for number in range(200)]
    text = assemble(
        [
            Part("# head"),
            Part("### Long", items, more="- … and {} more"),
            Part("### Short", ["- a"]),
            Part("foot"),
        ]
    )
    assert len(text) <= MAX_COMMENT
    assert_fences_closed(text)
    left = 200 - text.count("```diff")
    assert f"- … and {left} more\n\n### Short\n- a\n\nfoot" in text
    assert left < 130


def test_a_short_comment_loses_nothing() -> None:
    assert assemble([Part("a", ["- b", "- c"]), Part("d")]) == "a\n- b\n- c\n\nd"
