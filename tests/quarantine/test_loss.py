"""The bound past which a build refuses to publish: a share and a number, both."""

import pytest

from registry.quarantine.loss import refusal


def ids(number: int) -> list[str]:
    return [f"p{index:03}" for index in range(number)]


@pytest.mark.parametrize(
    ("lost", "of"),
    [(0, 0), (0, 398), (1, 1), (1, 2), (20, 20), (20, 398), (21, 420), (5, 100)],
)
def test_few_plugins_stop_nobody(lost: int, of: int) -> None:
    assert refusal(ids(lost), of, percent=5, count=20) == ""


def test_more_than_the_share_and_more_than_the_number_is_refused() -> None:
    assert refusal(ids(21), 398, percent=5, count=20) == (
        "21 of 398 plugins are missing (p000, p001, p002, p003, p004, p005, p006, p007, p008, p009 …), "
        "more than 5 % and more than 20"
    )
