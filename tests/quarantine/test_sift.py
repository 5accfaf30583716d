"""What one item spoils is made of the others."""

from collections.abc import Sequence

import pytest

from registry.quarantine.sift import sift


def batch(bad: Sequence[str] = (), rivals: Sequence[str] = (), calls: list[int] | None = None) -> object:
    def make(items: Sequence[str]) -> str:
        if calls is not None:
            calls.append(len(items))
        for item in items:
            if item in bad:
                raise ValueError(item)
        if rivals and set(rivals) <= set(items):
            raise KeyError("they are one and the same")
        return "".join(items)

    return make


LETTERS = "abcdefghijklmnopqrstuvwxyz"


def test_while_all_is_well_everything_is_made_once() -> None:
    calls: list[int] = []
    assert sift(batch(calls=calls), LETTERS) == (LETTERS, [])  # type: ignore[arg-type]
    assert calls == [26]


@pytest.mark.parametrize("bad", ["a", "z", "m", "az", "abc", "kq", LETTERS[:-1]])
def test_what_spoils_the_whole_is_found_and_the_rest_is_made(bad: str) -> None:
    made, spoilt = sift(batch(bad), LETTERS)  # type: ignore[arg-type]
    assert made == "".join(letter for letter in LETTERS if letter not in bad)
    assert [(item, str(error)) for item, error in spoilt] == [(letter, letter) for letter in bad]


def test_of_two_that_fail_only_together_the_later_one_goes() -> None:
    made, spoilt = sift(batch(rivals="cx"), LETTERS)  # type: ignore[arg-type]
    assert made == LETTERS.replace("x", "")
    assert [item for item, _ in spoilt] == ["x"]
    made, spoilt = sift(batch(bad="ay", rivals="cd"), LETTERS)  # type: ignore[arg-type]
    assert [item for item, _ in spoilt] == ["a", "y", "d"]
    assert "c" in made


def test_one_bad_item_of_many_costs_a_few_runs_and_not_one_for_each() -> None:
    calls: list[int] = []
    sift(batch(bad=["700"], calls=calls), [str(number) for number in range(1_000)])  # type: ignore[arg-type]
    assert sum(calls) < 6_000


def test_what_fails_without_any_item_is_nobodys_fault() -> None:
    def make(items: Sequence[str]) -> str:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        sift(make, LETTERS)


def test_an_end_of_the_program_is_no_fault_of_an_item() -> None:
    def make(items: Sequence[str]) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sift(make, LETTERS)
