"""When so much is missing that the fault is not the plugins': then nothing is published."""

from collections.abc import Collection

NAMED = 10
"""Plugins that a refusal names."""


def refusal(lost: Collection[str], of: int, *, percent: float, count: int) -> str:
    """Return why losing the plugins `lost` out of `of` is too much, "" when it is not.

    Too much is more than `percent` per cent and more than `count` of them.
    """
    if len(lost) <= count or 100 * len(lost) <= percent * of:
        return ""
    named = ", ".join(sorted(lost)[:NAMED]) + (" …" if len(lost) > NAMED else "")
    return f"{len(lost)} of {of} plugins are missing ({named}), more than {percent:g} % and more than {count}"
