"""Every page is valid HTML: of the rich site, the small one and those that are full of attacks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.site import hostile
from tests.quality.validity import faults
from tests.site.attacks import write_attacks
from tests.site.builder import Built, build, make_source, small


def attacks(folder: Path) -> Built:
    """Build the attacks of tests/site."""
    write_attacks(make_source(folder), folder / "_data")
    return build(folder)


def test_pages_of_the_rich_site_are_valid(rich: Built) -> None:
    assert not (found := faults(rich.site)), "\n".join(found)


@pytest.mark.parametrize("make", [small, attacks, hostile], ids=lambda make: make.__name__)
def test_pages_of_another_site_are_valid(tmp_path: Path, make: Callable[[Path], Built]) -> None:
    assert not (found := faults(make(tmp_path / "site").site)), "\n".join(found)


def test_broken_markup_is_told(rich: Built, tmp_path: Path) -> None:
    page = rich.text("index.html").replace("</main>", "<div id='main'><p>a<div></div></main>")
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    assert {line.partition(":")[0] for line in faults(tmp_path)} >= {"close-order", "no-dup-id"}
