"""The stage on which the answers to pull requests are tested."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.review.comment.stage import Stage, staged


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Return a registry with one plugin, and `ada/Lamp` at GitHub, in which all is well."""
    with staged(tmp_path, monkeypatch) as made:
        yield made
