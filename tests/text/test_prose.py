"""Code in Markdown is told from prose."""

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.text.prose import without_code


@settings(deadline=None)
@given(st.text("`~ \n\t-a1.{%}<>[]():", max_size=200))
def test_code_is_blanked_in_its_place(body: str) -> None:
    prose = without_code(body)
    assert len(prose) == len(body)
    assert [index for index, character in enumerate(prose) if character == "\n"] == (
        [index for index, character in enumerate(body) if character == "\n"]
    )
    assert all(now in (was, " ") for was, now in zip(body, prose, strict=True))
