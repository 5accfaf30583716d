"""Addresses, kept values and fetched answers that an attacker chose: shown as text, or told to have failed."""

# ruff: noqa: E501 -- an attack is easier to understand in one line

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Route

from tests.hostile.attack import EVIL, WINNING
from tests.hostile.catalogue import catalogue
from tests.hostile.touring import NARROW, WIDE, squeezed
from tests.hostile.watching import Watch, watch
from tests.site.builder import Built
from tests.site.pages_server import serve_files

pytestmark = pytest.mark.xdist_group("attacked")

MARKUP = f"<img src=x onerror={WINNING}>"
ADDRESSES = {
    "query-markup": f"/plugins/?q={quote(MARKUP)}",
    "query-end": f"/plugins/?q={quote('</title></script><script>' + WINNING + '</script>')}",
    "query-quote": f"/plugins/?q={quote(chr(34) + ' onfocus=' + WINNING + ' autofocus x=')}",
    "query-pattern": "/plugins/?q=" + quote("(a+)+$ [ \\ .* ^"),
    "query-prototype": "/plugins/?q=__proto__",
    "query-constructor": "/plugins/?q=constructor&sort=constructor",
    "query-override": f"/plugins/?q={quote('title ' + chr(0x202E) + 'txet')}",
    "query-long": f"/plugins/?q={'a' * 6_000}",
    "query-words": f"/plugins/?q={quote(' '.join(f'w{n}' for n in range(500)))}",
    "query-marks": f"/plugins/?q={quote('a' + chr(0x310) * 300)}",
    "query-surrogate": "/plugins/?q=%ED%A0%80%FF%00",
    "query-percent": "/plugins/?q=%&tag=%zz",
    "query-twice": f"/plugins/?q=a&q={quote(MARKUP)}&sort=hot&sort=__proto__",
    "tag-markup": f"/plugins/?tag={quote(MARKUP)}&tag=__proto__&tag=toString",
    "tag-many": "/plugins/?" + "&".join(f"tag=t{n}" for n in range(900)),
    "tag-of-the-attack": f"/plugins/?tag={quote('__proto__')}",
    "page-negative": "/plugins/?page=-1",
    "page-huge": "/plugins/?page=99999999999999999999",
    "page-text": f"/plugins/?page={quote(MARKUP)}",
    "page-infinite": "/plugins/?page=Infinity&sort=name",
    "page-beyond": "/plugins/?page=999999&sort=stars",
    "sort-prototype": "/plugins/?sort=__proto__",
    "sort-markup": f"/plugins/?sort={quote(MARKUP)}",
    "python-markup": f"/plugins/?python={quote(MARKUP)}&host={quote(MARKUP)}&os=constructor&licence=__proto__",
    "flags": "/plugins/?maintained=javascript:1&alive[]=1&alive=2",
    "unknown-keys": f"/plugins/?__proto__[x]=1&constructor=1&submit=1&elements=x&next={quote('javascript:alert(1)')}",
    "fragment": f"/plugins/#{quote(MARKUP)}",
    "fragment-script": f"/plugins/innocent/#<script>{WINNING}</script>",
    "fragment-javascript": "/plugins/innocent/#javascript:alert(1)",
    "fragment-text": "/plugins/innocent/#:~:text=Just",
    "search-page": f"/search/?q={quote(MARKUP)}",
    "search-page-address": f"/search/?q={quote('javascript:alert(1)')}&url=//{EVIL}/",
    "search-page-slashes": f"/search/?q={quote('//' + EVIL)}",
    "not-found": f"/404.html?q={quote(MARKUP)}#{quote(MARKUP)}",
    "home": f"/?q={quote(MARKUP)}&utm={quote(MARKUP)}",
}
THEMES = (
    "javascript:alert(1)",
    MARKUP,
    'dark"] body { display: none }',
    "__proto__",
    "x" * 500_000,
    "LIGHT",
    "null",
)


@pytest.fixture(scope="module")
def root(attacked: Built) -> Iterator[str]:
    with serve_files(attacked.site) as address:
        yield address


@pytest.fixture(scope="module")
def watched(chromium: Browser, root: str) -> Watch:
    return watch(chromium, root)


def at_rest(watched: Watch) -> None:
    """Wait until the list says what it has found, or that it could not."""
    watched.page.wait_for_function(
        "() => !document.querySelector('[aria-busy=true]') && (document.querySelector('#status')?.textContent ?? 'x') !== ''"
    )


@pytest.mark.parametrize("name", list(ADDRESSES))
def test_hostile_address_is_read_as_text(watched: Watch, name: str) -> None:
    faults = watched.visit(ADDRESSES[name], wait="networkidle")
    at_rest(watched)
    watched.page.set_viewport_size(NARROW)
    faults += watched.intact()
    watched.page.set_viewport_size(WIDE)
    assert [*faults, *watched.told] == []
    assert watched.page.url.startswith(f"{watched.root}/")


def test_search_for_an_attack_finds_it_and_shows_it_as_text(watched: Watch) -> None:
    faults = watched.visit(f"/plugins/?q={quote('onerror')}", wait="networkidle")
    watched.page.locator("#results .card h3 a").first.wait_for()
    titles = [squeezed(text) for text in watched.page.locator("#results .card h3").all_inner_texts()]
    assert squeezed(catalogue()["title-image"].shows[0]) in titles
    assert [*faults, *watched.intact()] == []


@pytest.mark.parametrize("typed", [MARKUP, '"><script>', "__proto__", "\u202e", "(((", "a" * 5_000])
def test_typing_an_attack_is_a_search_like_any(watched: Watch, typed: str) -> None:
    watched.visit("/plugins/", wait="networkidle")
    watched.page.locator("#filter-q").fill(typed)
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_load_state("networkidle")
    at_rest(watched)
    assert [*watched.told, *watched.intact()] == []


def test_every_page_of_every_sort_is_intact(watched: Watch) -> None:
    faults = {}
    for sort in ("popular", "hot", "rising", "stars", "released", "pushed", "newest", "name"):
        for page in (2, 7, 13):
            found = watched.visit(f"/plugins/?sort={sort}&page={page}", wait="networkidle")
            at_rest(watched)
            if found := [*found, *watched.intact()]:
                faults[f"{sort} {page}"] = found
    assert faults == {}


@pytest.mark.parametrize("number", range(len(THEMES)))
def test_hostile_theme_is_no_theme(chromium: Browser, root: str, number: int) -> None:
    watched = watch(chromium, root)
    watched.page.add_init_script(f"localStorage.setItem('theme', {json.dumps(THEMES[number])})")
    assert watched.visit("/") == []
    assert watched.page.evaluate("document.documentElement.dataset.theme ?? null") is None
    watched.page.locator("button.theme").click()
    assert watched.page.evaluate("document.documentElement.dataset.theme") in ("light", "dark")
    assert watched.told == []
    watched.page.context.close()


def spoilt_card(card: dict[str, Any]) -> dict[str, Any]:
    """Return a card whose texts attack."""
    return {
        **card, "title": MARKUP, "description": MARKUP, "author": MARKUP, "slug": "../../javascript:alert(1)//\"<b>",
        "badges": [MARKUP, "__proto__", "disabled", 5],
    }  # fmt: skip


def with_cards(content: dict[str, Any], change: Any) -> dict[str, Any]:
    return (
        {**content, "cards": [change(card) for card in content["cards"]]} if "cards" in content else content
    )


def deep(content: dict[str, Any], value: Any) -> dict[str, Any]:
    return {key: item if key in ("version", "schema_version") else value for key, item in content.items()}


ANSWERS = {
    "card-texts": lambda _, content: with_cards(content, spoilt_card),
    "card-numbers": lambda _, content: with_cards(content, lambda card: dict.fromkeys(card, 10**18)),
    "card-lists": lambda _, content: with_cards(content, lambda card: {key: [[MARKUP]] for key in card}),
    "card-objects": lambda _, content: with_cards(
        content, lambda card: {key: {"href": MARKUP} for key in card}
    ),
    "card-nothing": lambda _, content: with_cards(content, lambda card: None),
    "no-cards": lambda name, content: {**content, "cards": []} if "cards" in content else content,
    "null": lambda name, content: None,
    "text": lambda name, content: MARKUP,
    "number": lambda name, content: 10**300,
    "list": lambda name, content: [[[content]]],
    "empty": lambda name, content: {},
    "versions": lambda name, content: {**content, "version": f"{name} of another build"},
    "values-null": lambda _, content: deep(content, None),
    "values-text": lambda _, content: deep(content, MARKUP),
    "values-number": lambda _, content: deep(content, 2**53),
    "values-negative": lambda _, content: deep(content, -1),
    "values-list": lambda _, content: deep(content, [MARKUP] * 50),
    "values-object": lambda _, content: deep(content, {"length": 10**9, "0": MARKUP}),
    "huge-count": lambda name, content: (
        {**content, "count": 10**15, "plugins": 10**15} if "cards" not in content else content
    ),
    "large-count": lambda name, content: (
        {**content, "count": 3 * 10**9, "plugins": 3 * 10**8} if "cards" not in content else content
    ),
    "zero-block": lambda name, content: {**content, "block": 0},
    "tiny-block": lambda name, content: {**content, "block": 1e-300},
    "methods": lambda name, content: {
        **content,
        "narrow": 1,
        "part": MARKUP,
        "then": 1,
        "constructor": 1,
        "toString": 1,
    },
    "prototype": lambda name, content: {**content, "__proto__": {"narrow": 1, "taken": 1}},
    "facets": lambda name, content: (
        {**content, "facets": {"tag": {"options": [MARKUP], "of": [[0]]}}} if "facets" in content else content
    ),
}
"""What an attacker who could answer for the site would make of its JSON: (name of the file, its content) -> content."""
RAW = {
    "no-json": "<html><script>alert(1)</script>",
    "cut": '{"version": "x", "cards": [{"title": "',
    "nothing": "",
    "nested": "[" * 200_000,
}


@pytest.mark.parametrize("kind", [*ANSWERS, *RAW])
@pytest.mark.parametrize("query", ["?q=script", "?sort=name&page=2"], ids=["search", "list"])
def test_hostile_answer_is_shown_as_text_or_told_to_have_failed(
    chromium: Browser, root: str, attacked: Built, kind: str, query: str
) -> None:
    watched = watch(chromium, root)
    asked: list[str] = []

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(root).partition("?")[0].strip("/")
        asked.append(name)
        if not (attacked.site / name).is_file():
            route.fulfill(status=404, body="none")
            return
        content = json.loads((attacked.site / name).read_bytes())
        body = RAW[kind] if kind in RAW else json.dumps(ANSWERS[kind](name, content))
        route.fulfill(body=body, content_type="application/json")

    watched.page.route("**/*.json", answer)
    watched.page.set_default_timeout(15_000)
    try:
        faults = watched.visit(f"/plugins/{query}")
        at_rest(watched)
        # That a file is not there is the browser's own word, on a block that the attacker made up.
        faults = [
            fault for fault in (*faults, *watched.told, *watched.intact()) if "status of 404" not in fault
        ]
        said = watched.page.locator("#status").inner_text() + watched.page.locator("#trouble").inner_text()
        links = watched.page.eval_on_selector_all("#results a", "links => links.map((link) => link.pathname)")
    finally:
        watched.page.context.close()
    assert faults == []
    assert said.strip()
    assert len(asked) < 30, "it asks again and again"
    assert [link for link in links if not link.startswith("/plugins/")] == []


def test_without_an_answer_the_list_says_so_and_stands_as_it_was_built(chromium: Browser, root: str) -> None:
    watched = watch(chromium, root)
    watched.page.route("**/*.json", lambda route: route.fulfill(status=503, body="no"))
    watched.visit("/plugins/?sort=name")
    watched.page.locator("#trouble").wait_for()
    assert "503" in watched.page.locator("#trouble").inner_text()
    assert watched.page.locator("#results .card").count() > 10
    watched.page.context.close()
