"""Every page of the hostile site in Chromium: read, used, narrow and wide, with its policy and without."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.hostile.catalogue import catalogue, pages
from tests.hostile.site import NOTICES
from tests.hostile.touring import NARROW, WIDE, squeezed, tour
from tests.hostile.watching import Watch, watch
from tests.site.builder import Built
from tests.site.pages_server import serve_files

pytestmark = pytest.mark.xdist_group("attacked")


def test_there_are_at_least_sixty_attacks_each_of_its_own_kind() -> None:
    carried = {
        repr((sorted(attack.keys.items(), key=str), attack.body, attack.slug))
        for attack in catalogue().values()
    }
    assert len(carried) == len(catalogue()) >= 60
    assert {attack.aim for attack in catalogue().values()} >= {
        "title",
        "body",
        "address",
        "history",
        "layout",
        "file",
    }


def test_every_attack_reached_the_page_that_it_aims_at_or_was_left_out_and_told(attacked: Built) -> None:
    missing = {}
    for attack in catalogue().values():
        path = attacked.site / "plugins" / attack.page / "index.html"
        if attack.left_out:
            told = f"Left out: _plugins/{' '.join(attack.page.split())}.md" in attacked.output
            if path.exists() or not told:
                missing[attack.name] = "is a page, or was left out without a word"
        elif not path.is_file():
            missing[attack.name] = "has no page"
    assert missing == {}


def test_no_page_comes_from_elsewhere(attacked: Built) -> None:
    made = {path.parent.name for path in (attacked.site / "plugins").glob("*/index.html")}
    old = {f"old-{number}" for number in range(100)}
    assert made - {attack.page for attack in pages()} - {"innocent", "page"} <= old
    assert not [path for path in attacked.site.rglob("*") if path.stem == "taken"]
    assert not [path for path in attacked.source.parent.glob("*") if path.stem == "taken"]


def test_beside_pictures_nothing_is_published_from_their_folder(attacked: Built) -> None:
    published = {path.name for path in (attacked.site / "assets/img/plugins/hostile").rglob("*")}
    assert published <= {"small.png", "wide.png"}


@pytest.fixture(scope="module")
def root(attacked: Built) -> Iterator[str]:
    with serve_files(attacked.site) as address:
        yield address


@pytest.fixture(scope="module")
def watched(chromium: Browser, root: str) -> Watch:
    return watch(chromium, root)


@pytest.fixture(scope="module")
def unguarded(chromium: Browser, root: str) -> Watch:
    """Without Content-Security-Policy and Trusted Types: they are the second line, and must not be needed."""
    return watch(chromium, root, bypass_csp=True)


AIMS = sorted({attack.aim for attack in pages()})


@pytest.mark.parametrize("aim", AIMS)
def test_pages_of_attacks_say_them_and_are_intact(watched: Watch, aim: str) -> None:
    assert tour(watched, [attack for attack in pages() if attack.aim == aim]) == {}


@pytest.mark.parametrize("aim", ["address", "body", "description", "layout", "picture", "title"])
def test_nothing_runs_even_without_the_policy(unguarded: Watch, aim: str) -> None:
    found = {
        attack.name: faults
        for attack in pages()
        if attack.aim == aim and (faults := unguarded.visit(f"/plugins/{attack.page}/"))
    }
    assert found == {}


def lists(built: Built) -> list[str]:
    """Return the addresses of all pages but those of plugins."""
    found = []
    for path in sorted(built.site.rglob("index.html")):
        name = str(path.parent.relative_to(built.site))
        if not re.fullmatch(r"plugins/(?!page$)[^/]+", name):
            found.append("/" if name == "." else f"/{name}/")
    return found


def test_every_other_page_is_intact(attacked: Built, watched: Watch) -> None:
    faults = {}
    for path in [*lists(attacked), "/404.html"]:
        found = watched.visit(quoted(path))
        watched.page.set_viewport_size(NARROW)
        found += [f"narrow: {fault}" for fault in watched.intact()]
        watched.page.set_viewport_size(WIDE)
        if found:
            faults[path] = found
    assert faults == {}


def test_every_other_page_runs_nothing_without_the_policy(attacked: Built, unguarded: Watch) -> None:
    faults = {path: found for path in lists(attacked) if (found := unguarded.visit(quoted(path)))}
    assert faults == {}


def quoted(path: str) -> str:
    """Return the address of a page: folders are named by their decoded names."""
    return quote(path)


def test_every_notice_is_read_as_it_was_written(attacked: Built, watched: Watch) -> None:
    assert watched.visit("/notices/") == []
    text = squeezed(watched.page.evaluate("document.body.textContent"))
    assert [notice["text"] for notice in NOTICES if squeezed(notice["text"]) not in text] == []


def test_old_address_leads_to_the_page_and_nowhere_else(attacked: Built, watched: Watch) -> None:
    watched.told.clear()
    watched.page.goto(f"{watched.root}/plugins/old-3/")
    watched.page.wait_for_url("**/plugins/file-redirect-many/")
    assert watched.told == []
