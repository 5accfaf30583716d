"""Lighthouse on home, list and plugin: all that no slow machine changes; `make bench-pages` times."""

import pytest

from tests.quality.lighthouse import UNTIMED, complaints, judge, scores
from tests.site.rich import PAGES, Served

LEAST = 98


@pytest.mark.parametrize("name", ["home", "list", "plugin-rich"])
def test_page_is_accessible_well_made_and_found(site: Served, name: str) -> None:
    report = judge(site.address(PAGES[name]), categories=UNTIMED)
    found = scores(report)
    assert set(found) == set(UNTIMED)
    assert min(found.values()) >= LEAST, (found, complaints(report))
