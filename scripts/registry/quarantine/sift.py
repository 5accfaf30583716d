"""One bad item spoils no batch: what cannot be made of many is made of those that do not spoil it."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def sift(
    make: Callable[[Sequence[Item]], Made], items: Sequence[Item]
) -> tuple[Made, list[tuple[Item, Exception]]]:
    """Return what `make` makes of the items, and those that it fails for, each with its error.

    Costs nothing while all is well. Of items that fail only together the last is taken for the cause. Raises
    what `make` raises of no items at all: then it is nobody's fault.
    """
    kept = list(items)
    spoilt: list[tuple[Item, Exception]] = []
    while True:
        try:
            return make(kept), spoilt
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are not to blame
            make([])
            found = _alone(make, kept) or [_together(make, kept, error)]
        spoilt += found
        gone = {id(item) for item, _ in found}
        kept = [item for item in kept if id(item) not in gone]


def _alone(make: Callable[[Sequence[Item]], Made], items: Sequence[Item]) -> list[tuple[Item, Exception]]:
    """Return the items that `make` fails for by themselves, found by halving."""
    error = _error(make, items)
    if error is None:
        return []
    if len(items) == 1:
        return [(items[0], error)]
    half = len(items) // 2
    return _alone(make, items[:half]) + _alone(make, items[half:])


def _together(
    make: Callable[[Sequence[Item]], Made], items: Sequence[Item], error: Exception
) -> tuple[Item, Exception]:
    """Return the item that ends the shortest beginning of `items` that `make` fails for."""
    first = bisect_left(range(1, len(items)), True, key=lambda count: bool(_error(make, items[:count])))
    return items[first], error


def _error(make: Callable[[Sequence[Item]], Made], items: Sequence[Item]) -> Exception | None:
    try:
        make(items)
    except Exception as error:  # noqa: BLE001 - it is kept, with its item
        return error
    return None
