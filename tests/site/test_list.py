"""The list of all plugins in Chromium: sorted, filtered, searched, shared, and without scripts."""

import json
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.site.builder import Built, build, make_source
from tests.site.listed import FILTERS, HOST, LICENCES, PER_PAGE, TAGS, Row, expected, made_up, site, write
from tests.site.pages_server import serve_files

pytestmark = pytest.mark.xdist_group("list")

ROWS = made_up()
# The real engine has tests of its own; this one keeps to its contract.
ENGINE = (
    f"const slugs = {json.dumps(expected(ROWS))};"
    + """
export async function search(base, text, { order }) {
  const words = text.toLowerCase().split(" ");
  if (text === "lampe") return { order, numbers: new Map([[1, 1]]), words: ["lamp"], corrected: "lamp" };
  const numbers = new Map();
  slugs.forEach((slug, number) => {
    if (words.every((word) => slug.includes(word))) numbers.set(number, Number(slug.slice(4)) % 7);
  });
  return { order, numbers, words, corrected: null };
}
export function highlight(text, words) {
  const made = document.createDocumentFragment();
  const mark = document.createElement("mark");
  mark.textContent = text;
  made.append(mark);
  return made;
}
"""
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the site of 130 made-up plugins."""
    return site(tmp_path_factory.mktemp("list"))


@pytest.fixture(scope="module")
def address(built: Built) -> Iterator[str]:
    """Return where the site is served."""
    with serve_files(built.site) as address:
        yield address


class View:
    """The list as somebody sees it; every complaint of the browser is kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.told: list[str] = []
        self.requests: list[str] = []
        page.on("dialog", lambda dialog: (self.told.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.on("request", lambda request: self.requests.append(urlsplit(request.url).path))
        page.route("**/engine.js", lambda route: route.fulfill(body=ENGINE, content_type="text/javascript"))

    def open(self, query: str = "", path: str = "/plugins/") -> "View":
        self.page.goto(f"{self.address}{path}{query}")
        return self.settled()

    def settled(self) -> "View":
        """Wait for what is under way: the script says at once that it is busy."""
        expect(self.page.locator("#filter")).not_to_have_attribute("hidden", "")
        expect(self.page.locator("#results")).not_to_have_attribute("aria-busy", "true")
        return self

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.page.url).query)

    def slugs(self) -> list[str]:
        links: list[str] = self.page.locator("#results .card h3 a").evaluate_all(
            "links => links.map(link => link.getAttribute('href').split('/').at(-2))"
        )
        return links

    def shows(self, wanted: list[str]) -> None:
        """Wait until these are shown."""
        self.page.wait_for_function(
            """wanted => wanted.join() === [...document.querySelectorAll("#results .card h3 a")]
              .map(link => link.getAttribute("href").split("/").at(-2)).join()""",
            arg=wanted,
        )

    def all_slugs(self) -> list[str]:
        """Return the slugs of every page, by the links that lead on."""
        found = self.slugs()
        while self.page.locator("#pages a[rel=next]").count():
            self.page.locator("#pages a[rel=next]").click()
            self.settled()
            found += self.slugs()
        return found

    def status(self) -> str:
        return self.page.locator("#status").inner_text()

    def choose(self, name: str, value: str) -> "View":
        control = self.page.locator(f"#filter [name={name}]")
        if name == "tag":
            control = self.page.locator("#filter-tags label").filter(
                has=self.page.get_by_text(value, exact=True)
            )
            control.locator("input").check()
        elif name in ("maintained", "alive"):
            control.check()
        else:
            control.select_option(value)
        return self.settled()

    def counts(self, name: str) -> dict[str, int]:
        if name in ("maintained", "alive", "tag"):
            boxes = self.page.locator(f"#filter input[name={name}]")
            found = boxes.evaluate_all(
                "boxes => boxes.map(b => [b.value, b.parentNode.querySelector('.count').textContent])"
            )
        else:
            found = self.page.locator(f"#filter [name={name}] option:not([value=''])").evaluate_all(
                "options => options.map(o => [o.value, o.textContent.match(/\\((\\d+)\\)$/)[1]])"
            )
        return {value: int(count) for value, count in found}


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Return a browser without a past."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def view(context: BrowserContext, address: str) -> Iterator[View]:
    """Return the list, not yet opened; at the end nothing may have been complained of."""
    view = View(context.new_page(), address)
    yield view
    assert view.told == []


def row(slug: str) -> Row:
    return next(row for row in ROWS if row.slug == slug)


def test_the_page_as_built_asks_for_no_list(view: View) -> None:
    view.open()
    assert view.slugs() == expected(ROWS)[:60]
    assert view.status() == "130 plugins, sorted by popularity"
    view.page.wait_for_load_state("networkidle")
    assert not [path for path in view.requests if path.startswith("/list/") or "engine" in path]


def test_static_pages_hold_every_plugin_once_and_lead_on_without_a_script(built: Built) -> None:
    pages = [built.text(f"plugins/{part}index.html") for part in ("", "page/2/", "page/3/")]
    found = [re.findall(r'<h3><a href="/plugins/([^"/]+)/"', page) for page in pages]
    assert [len(part) for part in found] == [60, 60, 10]
    assert [slug for part in found for slug in part] == expected(ROWS)
    assert 'rel="next" href="/plugins/page/2/"' in pages[0]
    for page in pages[1:]:
        assert '<a href="/plugins/">Sort and filter all plugins</a>' in page
        assert "<form id" not in page
        assert "list.js" not in page


def test_without_scripts_the_form_is_not_there(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/plugins/?sort=hot")
    expect(page.locator("#filter-q")).to_be_hidden()
    expect(page.locator("#filter-more")).to_be_hidden()
    assert page.locator(".card").count() == 60
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    "sort", ["popular", "hot", "rising", "stars", "released", "pushed", "newest", "name"]
)
def test_every_sort_is_the_one_worked_out_apart(view: View, sort: str) -> None:
    # With a filter that leaves many, so that popularity too is sorted by the script.
    view.open("?alive=1").choose("sort", sort)
    assert view.query == [*([("sort", sort)] if sort != "popular" else []), ("alive", "1")]
    assert view.all_slugs() == expected(ROWS, sort, [("alive", "1")])


def test_what_is_unknown_comes_last_and_is_called_unknown(view: View) -> None:
    view.open("?sort=stars&page=6")
    last = row(view.slugs()[-1])
    assert last.stars is None
    expect(view.page.locator("#results .chosen").last).to_have_text("stars unknown")
    view.open("?sort=stars")
    assert row(view.slugs()[0]).stars == 1200
    expect(view.page.locator("#results .chosen").first).to_have_text("1,200 stars")


def test_a_card_shows_the_figure_that_it_is_sorted_by(view: View) -> None:
    view.open("?sort=hot")
    expect(view.page.locator("#results .chosen").first).to_have_text("60 new installations in a week")
    view.choose("sort", "rising")
    first = row(view.slugs()[0])
    assert first.growth
    words = f"{first.growth:.1f}× the usual installations"
    expect(view.page.locator("#results .chosen").first).to_have_text(words)
    view.choose("sort", "newest")
    day = row(view.slugs()[0]).registered
    words = f"registered {day.day} {day:%B %Y}"
    expect(view.page.locator("#results .chosen").first).to_have_text(words)


CONDITIONS = [
    [("python", "3")], [("python", "3.12")], [("python", "3.8")], [("python", "2.7")],
    [("host", HOST)], [("host", "1.8.1")], [("host", "1.2.0")],
    [("os", "windows")], [("os", "linux")], [("os", "macos")], [("os", "freebsd")],
    *[[("licence", family)] for family in LICENCES.values()],
    [("maintained", "1")], [("alive", "1")],
    *[[("tag", tag)] for tag in TAGS],
    [("tag", "mqtt"), ("tag", "led")],
    [("tag", "mqtt"), ("python", "3.12"), ("os", "linux"), ("alive", "1")],
    [("python", "3.9"), ("host", "1.8.1"), ("os", "windows"), ("licence", "MIT"), ("maintained", "1")],
]  # fmt: skip


@pytest.mark.parametrize("conditions", CONDITIONS, ids=urlencode)
def test_every_filter_leaves_what_was_worked_out_apart(view: View, conditions: list[tuple[str, str]]) -> None:
    view.open(f"?{urlencode(conditions)}")
    wanted = expected(ROWS, "popular", conditions)
    assert view.all_slugs() == wanted
    start = f"{len(wanted)} plugin{'' if len(wanted) == 1 else 's'}, sorted" if wanted else "No plugin fits"
    assert view.status().startswith(start)
    chips = view.page.locator("#chips button")
    assert chips.count() == len(conditions) + 1


def test_filters_are_chosen_by_hand_one_after_the_other(view: View) -> None:
    view.open().choose("python", "3.12").choose("os", "linux").choose("alive", "1").choose("tag", "led")
    view.choose("sort", "stars")
    conditions = [("tag", "led"), ("python", "3.12"), ("os", "linux"), ("alive", "1")]
    assert view.query == [("sort", "stars"), *conditions]
    assert view.all_slugs() == expected(ROWS, "stars", conditions)


@pytest.mark.parametrize(
    "others", [[], [("python", "3.12"), ("tag", "led")], [("os", "windows")]], ids=urlencode
)
def test_each_option_tells_how_many_it_would_leave(view: View, others: list[tuple[str, str]]) -> None:
    # As built, nothing is counted by the script: the page says it already.
    view.open(f"?{urlencode(others)}" if others else "")
    for name in FILTERS:
        rest = [pair for pair in others if pair[0] != name or name == "tag"]
        for value, count in view.counts(name).items():
            conditions = [*rest, *([(name, value)] if (name, value) not in rest else [])]
            assert count == len(expected(ROWS, "popular", conditions)), (name, value)


def test_every_option_of_hosts_is_one_that_registrations_name(view: View) -> None:
    view.open()
    assert list(view.counts("host")) == [HOST, "1.10.0", "1.9.0", "1.8.1", "1.4.0", "1.3.5", "1.2.0"]


def test_script_makes_the_very_cards_of_the_build(view: View) -> None:
    outer = "cards => cards.map(card => card.outerHTML.replace(/\\n/g, ''))"
    for number in (2, 3):
        view.page.goto(f"{view.address}/plugins/page/{number}/")
        built = view.page.locator("#results .card").evaluate_all(outer)
        assert built
        view.open(f"?page={number}")
        assert view.page.locator("#results .card").evaluate_all(outer) == built


def test_the_page_after_the_one_that_was_built_keeps_the_filters(view: View) -> None:
    view.open()
    view.page.get_by_role("link", name="Next").click()
    view.settled()
    assert view.query == [("page", "2")]
    assert view.slugs() == expected(ROWS)[60:120]
    expect(view.page.locator("#status")).to_be_focused()
    view.page.get_by_role("link", name="Previous").click()
    view.shows(expected(ROWS)[:60])
    assert view.query == []


def test_the_filters_are_skipped_by_keyboard(view: View) -> None:
    view.open("?alive=1")
    view.page.locator("[name=sort]").focus()
    view.page.keyboard.press("Tab")
    expect(view.page.get_by_role("link", name="Skip the filters")).to_be_focused()
    view.page.keyboard.press("Enter")
    expect(view.page.locator("#status")).to_be_focused()
    view.page.keyboard.press("Tab")
    expect(view.page.locator(".elsewhere a").first).to_be_focused()
    assert view.query == [("alive", "1")]


def test_a_tag_that_would_leave_nothing_is_not_shown(view: View) -> None:
    view.open("?tag=led")
    boxes = view.page.locator("#filter-tags input")
    shown = {box.input_value() for box in boxes.all() if box.is_visible()}
    assert shown == {tag for tag, count in view.counts("tag").items() if count}
    view.open("?q=nothing+has+this&tag=led")
    assert [box.input_value() for box in boxes.all() if box.is_visible()] == ["led"]


def test_an_address_is_shared_with_everything_that_it_holds(view: View, context: BrowserContext) -> None:
    view.open().choose("licence", "MIT").choose("tag", "c++").choose("sort", "name")
    other = View(context.new_page(), view.address)
    other.open(f"?{urlsplit(view.page.url).query}")
    assert other.slugs() == view.slugs()
    assert other.status() == view.status()
    assert other.page.locator("[name=licence]").input_value() == "MIT"
    assert other.page.locator("[name=sort]").input_value() == "name"
    assert other.page.locator("input[name=tag]:checked").input_value() == "c++"


def test_back_and_forward_go_through_every_change(view: View) -> None:
    view.open()
    views = [view.slugs()]
    for name, value in (("sort", "hot"), ("python", "3"), ("alive", "1")):
        view.choose(name, value)
        views.append(view.slugs())
    view.page.locator("#pages a[rel=next]").click()
    views.append(view.settled().slugs())
    for wanted in reversed(views[:-1]):
        view.page.go_back()
        view.shows(wanted)
    assert view.status() == "130 plugins, sorted by popularity"
    assert view.page.locator("[name=python]").input_value() == ""
    assert view.counts("alive") == {"1": len(expected(ROWS, "popular", [("alive", "1")]))}
    expect(view.page.locator("#chips")).to_be_hidden()
    for wanted in views[1:]:
        view.page.go_forward()
        view.shows(wanted)


def test_typing_is_one_step_back(view: View) -> None:
    view.open().choose("alive", "1")
    field = view.page.locator("#filter-q")
    field.press_sequentially("plug01", delay=30)
    expect(view.page).to_have_url(re.compile(r"\?q=plug01&alive=1$"))
    view.settled()
    field.press_sequentially("2", delay=30)
    expect(view.page).to_have_url(re.compile(r"\?q=plug012&alive=1$"))
    view.settled()
    assert view.slugs() == ["plug012"]
    expect(field).to_be_focused()
    view.page.go_back()
    view.shows(expected(ROWS, "popular", [("alive", "1")])[:PER_PAGE])
    assert view.query == [("alive", "1")]
    expect(field).to_have_value("")


def test_words_are_sorted_by_match_and_marked(view: View) -> None:
    view.open("?q=plug00")
    assert view.slugs() == sorted(
        (row.slug for row in ROWS[:10]), key=lambda slug: (-(int(slug[4:]) % 7), expected(ROWS).index(slug))
    )
    assert view.page.locator("#results h3 mark").count() == 10
    assert view.page.locator("[name=sort]").input_value() == "relevance"
    view.choose("sort", "popular")
    assert view.query == [("q", "plug00"), ("sort", "popular")]
    assert view.slugs() == [slug for slug in expected(ROWS) if slug < "plug010"]


def test_a_corrected_search_says_so(view: View) -> None:
    view.open("?q=lampe")
    assert view.status() == "1 plugin for “lamp”, sorted by best match"


def test_the_title_of_a_search_names_its_words(view: View) -> None:
    view.open("?q=plug00")
    assert view.page.title().startswith("“plug00” · All plugins")
    view.page.get_by_role("button", name="Clear all filters").click()
    view.settled()
    assert view.page.title().startswith("All plugins")


def test_best_match_is_no_sort_without_words(view: View) -> None:
    view.open("?sort=relevance")
    assert view.status() == "130 plugins, sorted by popularity"
    assert view.page.locator("option[value=relevance]").evaluate("option => option.disabled")


def test_chips_take_filters_away_and_keep_the_focus(view: View) -> None:
    view.open("?tag=led&os=linux&alive=1&sort=stars")
    view.page.get_by_role("button", name="Remove led").press("Enter")
    view.settled()
    assert view.query == [("sort", "stars"), ("os", "linux"), ("alive", "1")]
    expect(view.page.get_by_role("button", name="Remove Linux")).to_be_focused()
    view.page.get_by_role("button", name="Clear all filters").press("Enter")
    view.settled()
    assert view.query == []
    expect(view.page.locator("#status")).to_be_focused()
    assert view.slugs() == expected(ROWS)[:60]


def test_nothing_found_comes_with_a_cure(view: View) -> None:
    conditions = [("python", "2.7"), ("host", HOST), ("os", "windows"), ("licence", "MIT"), ("tag", "a&b")]
    assert expected(ROWS, "popular", conditions) == []
    view.open(f"?{urlencode(conditions)}")
    assert view.status() == "No plugin fits all of this."
    offers = view.page.locator(".nothing button")
    assert offers.count() > 0
    for text in offers.all_inner_texts():
        name, count = re.fullmatch(r"Without (.+): (\d+) plugins?", text).groups()  # type: ignore[union-attr]
        labels = {"python": "Python 2.7", "host": f"OctoPrint {HOST}", "os": "Windows"}
        rest = [(key, value) for key, value in conditions if labels.get(key, value) != name]
        assert len(rest) == len(conditions) - 1
        assert len(expected(ROWS, "popular", rest)) == int(count)
    offers.first.click()
    assert view.settled().slugs()


def test_a_tag_beyond_the_box_is_added_by_name_in_any_spelling(view: View) -> None:
    view.open()
    field = view.page.get_by_label("Another tag")
    field.fill("POWER-saving")
    field.press("Enter")
    expect(view.page).to_have_url(re.compile(r"\?tag=Power\+saving$"))
    view.settled()
    expect(field).to_have_value("")
    field.fill("no such tag")
    field.press("Enter")
    view.page.wait_for_function("document.getElementById('filter-tag').validationMessage")
    assert field.evaluate("field => field.validationMessage") == "No plugin has this tag."
    assert view.query == [("tag", "Power saving")]


def test_the_keyboard_alone_does_it_all(view: View) -> None:
    view.open()
    view.page.locator("#filter-q").focus()
    view.page.keyboard.press("Tab")
    expect(view.page.get_by_role("button", name="Search")).to_be_focused()
    view.page.keyboard.press("Tab")
    expect(view.page.locator("[name=sort]")).to_be_focused()
    view.page.keyboard.type("stars")
    expect(view.page).to_have_url(re.compile(r"\?sort=stars$"))
    view.settled()
    view.page.keyboard.press("Tab")
    view.page.locator("input[name=alive]").focus()
    view.page.keyboard.press("Space")
    view.settled()
    assert view.query == [("sort", "stars"), ("alive", "1")]
    view.page.locator("#pages a[rel=next]").focus()
    view.page.keyboard.press("Enter")
    view.settled()
    assert ("page", "2") in view.query
    expect(view.page.locator("#status")).to_be_focused()
    view.page.keyboard.press("Tab")
    assert view.page.evaluate("document.activeElement.closest('main') !== null")


def test_filters_fold_on_a_phone(chromium: Browser, address: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    view = View(context.new_page(), address).open("?python=3")
    expect(view.page.locator("[name=os]")).to_be_hidden()
    view.page.locator("summary").press("Enter")
    expect(view.page.locator("[name=os]")).to_be_visible()
    assert view.page.evaluate("document.documentElement.scrollWidth") == 360
    view.page.set_viewport_size({"width": 1280, "height": 740})
    expect(view.page.locator("[name=os]")).to_be_visible()
    assert view.told == []
    context.close()


HOSTILE = [
    "?tag=<img src=x onerror=alert(1)>", "?page=1e9", "?page=-1", "?page=0", "?page=999999999999",
    "?sort=__proto__", "?sort=constructor", "?python=__proto__", "?host=<script>alert(1)</script>",
    "?os=toString", "?licence=' OR 1", "?maintained=true", "?alive[]=1", "?__proto__[q]=x", "?tag=__proto__",
    "?tag=", "?q=", "?q=%20", "?%E0%A4%A", "?tag=%E0%A4%A", "?sort=", "?tag=" + "x" * 3000,
    "?" + "tag=%3Cb%3E&" * 300, "#<img src=x onerror=alert(1)>", "?python=",
    "?q=&tag=&python=&host=&os=&licence=&sort=popular",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: query[:30])
def test_a_hostile_address_does_nothing(view: View, query: str) -> None:
    view.open(query)
    assert view.slugs() == expected(ROWS)[:60]
    assert view.status() == "130 plugins, sorted by popularity"
    assert view.page.locator("main img").count() == 0
    expect(view.page.locator("#chips")).to_be_hidden()


def test_hostile_words_are_text(view: View) -> None:
    view.open(f"?q={quote('<img src=x onerror=alert(1)>')}&tag={quote('<b>bold</b>')}")
    chips = view.page.locator("#chips button").all_inner_texts()
    assert chips[:2] == ["“<img src=x onerror=alert(1)>” ×", "<b>bold</b> ×"]
    assert view.page.locator("main img, main b").count() == 0


def test_a_page_beyond_the_last_is_the_last(view: View) -> None:
    view.open("?alive=1&page=999")
    wanted = expected(ROWS, "popular", [("alive", "1")])
    last = math.ceil(len(wanted) / PER_PAGE)
    assert view.slugs() == wanted[(last - 1) * PER_PAGE :]
    expect(view.page.get_by_text(f"Page {last} of {last}", exact=True)).to_be_visible()


def test_a_failed_fetch_keeps_the_list_and_offers_another_try(view: View) -> None:
    view.open()
    before = view.slugs()
    view.page.route("**/list/cards/*", lambda route: route.fulfill(status=503))
    view.choose("sort", "name")
    alert = view.page.get_by_role("alert")
    expect(alert).to_contain_text(
        "The list could not be loaded, so it stands as it was (the site answered 503)."
    )
    assert view.slugs() == before
    view.page.unroute("**/list/cards/*")
    alert.get_by_role("button", name="Try again").click()
    view.settled()
    expect(alert).to_be_hidden()
    assert view.slugs() == expected(ROWS, "name")[:PER_PAGE]
    assert all("503" in text for text in view.told)
    view.told.clear()


def test_a_redeploy_between_two_requests_is_seen_and_mended(view: View) -> None:
    old: list[str] = []

    def stale(route: Route) -> None:
        """Answer the first time as the build before did."""
        response = route.fetch()
        if old:
            route.fulfill(response=response)
            return
        old.append(route.request.url)
        route.fulfill(response=response, json={**response.json(), "version": "0" * 16})

    view.page.route("**/list/index.json", stale)
    view.open("?sort=name")
    assert view.slugs() == expected(ROWS, "name")[:PER_PAGE]
    assert view.requests.count("/list/index.json") == 2
    view.page.route("**/list/cards/*", lambda route: route.fulfill(json={"version": "other", "cards": []}))
    view.open("?sort=hot")
    expect(view.page.get_by_role("alert")).to_contain_text("has just been renewed")


def test_only_the_blocks_that_are_shown_are_fetched(view: View) -> None:
    view.open("?page=1&alive=1&sort=popular")
    wanted = {f"/list/cards/{expected(ROWS).index(slug) // 25}.json" for slug in view.slugs()}
    assert {path for path in view.requests if path.startswith("/list/cards/")} == wanted


def test_ten_thousand_plugins_are_sorted_and_counted(view: View) -> None:
    rng = random.Random(1)
    count = 10_000
    figures = [rng.choice((None, rng.randrange(99_999))) for _ in range(count)]
    columns = ("instances", "installs", "growth", "stars", "released", "pushed", "registered", "name")
    sets = [[], [0], [0, 1]]
    single = {name: {"options": ["1", "2"], "sets": sets, "of": [rng.randrange(3) for _ in figures]}
              for name in ("python", "host", "os", "licence", "maintained", "alive")}  # fmt: skip
    tags = {"options": [f"t{number}" for number in range(500)], "sets": None}
    content = {
        "version": "v",
        "count": count,
        "block": 25,
        "columns": dict.fromkeys(columns, figures),
        "facets": {**single, "tag": {**tags, "of": [rng.sample(range(500), 4) for _ in figures]}},
    }
    view.open()
    rows, counted = view.page.evaluate(
        """async (content) => {
          const { Index } = await import("/assets/js/list-index.js");
          const { nothing } = await import("/assets/js/list-state.js");
          const index = new Index("", content, false);
          const state = { ...nothing(), sort: "stars", python: "1" };
          const { rows, counts } = index.narrow(state, null);
          return [rows, counts.get("python").get("1")];
        }""",
        content,
    )
    admitted = {1, 2}  # sets that hold the first option
    stars = {number: figures[number] for number, key in enumerate(single["python"]["of"]) if key in admitted}
    assert counted == len(rows) == len(stars)
    assert rows == sorted(
        stars, key=lambda number: (-(-1 if stars[number] is None else stars[number]), number)
    )


def test_a_preview_without_feeds_has_the_list_alone(tmp_path: Path) -> None:
    make_source(tmp_path / "preview")
    write(ROWS[:70], tmp_path / "preview")
    for path in (tmp_path / "preview" / "build" / "feeds" / "list").glob("*.json"):
        path.unlink()
    page = build(tmp_path / "preview").text("plugins/index.html")
    assert "<form id" not in page
    assert "list.js" not in page
    assert re.findall(r'<h3><a href="/plugins/([^"/]+)/"', page) == expected(ROWS[:70])[:60]


def test_the_old_address_of_the_search_leads_to_the_list(view: View) -> None:
    view.page.goto(f"{view.address}/search/?q=plug00+x%26y")
    view.page.wait_for_url("**/plugins/?q=plug00+x%26y")
    view.settled()
    view.page.goto(f"{view.address}/search/")
    expect(view.page.get_by_text("The search needs a script.")).to_be_visible()
    view.page.get_by_role("searchbox").fill("plug01")
    view.page.get_by_role("searchbox").press("Enter")
    view.page.wait_for_url("**/plugins/?q=plug01")
    assert view.settled().slugs()
