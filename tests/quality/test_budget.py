"""What pages may weigh, and that they ask nobody else."""

from collections.abc import Callable
from functools import cache, partial

import pytest
from playwright.sync_api import Browser

from tests.quality.transfer import Transfer, transfer
from tests.quality.visiting import each_page
from tests.site.rich import PAGES, Served

KB = 1_000
SCRIPT = 30 * KB
"""Bytes of script, uncompressed, before the search is used."""


UNSEARCHED = [name for name in PAGES if not PAGES[name].count("?q=")]

Fetched = Callable[[str], Transfer]


@pytest.fixture(scope="module")
def fetched(chromium: Browser, site: Served) -> Fetched:
    """Return a function that returns what a page of PAGES fetched in its one visit."""
    return cache(partial(transfer, chromium, site))


@pytest.fixture(scope="module")
def fetched_of_400(chromium: Browser, large_site: Served) -> Fetched:
    """Return the same of the site with 400 plugins."""
    return cache(partial(transfer, chromium, large_site))


@pytest.mark.parametrize("name", each_page("budget", "home", "plugin-rich", "plugin-bare"))
def test_page_is_light(fetched: Fetched, name: str) -> None:
    assert fetched(name).total <= 60 * KB, fetched(name).table()


@pytest.mark.parametrize("name", each_page("budget", "home", "list", "list-filtered-by-tag"))
def test_page_of_a_registry_of_400_plugins_is_light(fetched_of_400: Fetched, name: str) -> None:
    most = 60 * KB if name == "home" else 150 * KB
    assert fetched_of_400(name).total <= most, fetched_of_400(name).table()


@pytest.mark.parametrize("name", each_page("budget", "list"))
def test_list_does_not_grow_with_the_registry(fetched: Fetched, fetched_of_400: Fetched, name: str) -> None:
    assert fetched_of_400(name).total < fetched(name).total * 1.25


@pytest.mark.parametrize(
    "name", each_page("budget", *(name for name in PAGES if not PAGES[name].count("?q=")))
)
def test_scripts_are_small_before_the_search_is_used(fetched: Fetched, name: str) -> None:
    assert fetched(name).script <= SCRIPT, fetched(name).scripts


@pytest.mark.parametrize("name", each_page("budget"))
def test_page_asks_nobody_else_and_has_no_error(fetched: Fetched, name: str) -> None:
    expected = ["error: Failed to load resource: the server responded with a status of 404 (Not Found)"]
    assert fetched(name).told == (expected if name == "not-found" else [])
