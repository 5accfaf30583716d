"""A scalar is the text that a person meant by it."""

from datetime import date, datetime

import pytest

from registry.text.scalars import scalar_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, ""),
        (12, "12"),
        (1.5, "1.5"),
        ("x", "x"),
        (date(2015, 4, 11), "2015-04-11"),
        (datetime(2015, 4, 11, 1, 2), "2015-04-11T01:02:00"),
    ],
)
def test_scalar_text_is_what_a_person_meant(value: object, text: str) -> None:
    assert scalar_text(value) == text
