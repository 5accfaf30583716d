"""The search in Chromium: the index of the registry's own plugins, asked under the site's policy."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import Error as PlaywrightError

from registry.feeds.enriched_copies import read_documents
from registry.feeds.order import by_popularity
from tests.site.builder import ROOT, make_source, write_feeds
from tests.site.pages_server import serve_files

POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'"
PAGE = f"""<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>Search</title><p id="out"></p><script type="module" src="/base/assets/js/page.js"></script>"""
SCRIPT = """
import { highlight, search } from "./engine.js";
window.engine = { highlight, search };
window.ask = async (text, options = {}) => {
  const { order, numbers, words, corrected } = await search("/base/search/", text, options);
  return { order, numbers: [...numbers], words, corrected };
};
window.mark = (text, words) => {
  const out = document.getElementById("out");
  out.replaceChildren(highlight(text, words));
  return [out.innerHTML, out.textContent];
};
"""

Ask = Callable[..., dict[str, Any]]

# What people may type, and what they then want to see first.
WANTED = {
    "mqtt": "mqtt",
    "MQTT broker": "mqtt",
    "spool": "filamentmanager",
    "filament manager": "filamentmanager",
    "filamentmanager": "filamentmanager",
    "filamant manager": "filamentmanager",
    "telegram": "telegram",
    "telegarm": "telegram",
    "elegram": "telegram",
    "xelegram": "telegram",
    "octo relay": "octorelay",
    "octorelay": "octorelay",
    "relay": "octorelay",
    "octo slack": "Octoslack",
    "slack": "Octoslack",
    "mattermost": "Octoslack",
    "discord": "discordremote",
    "discord remote": "discordremote",
    "discord bot": "discordremote",
    "home assistant": "psucontrol_homeassistant",
    "homeassistant": "psucontrol_homeassistant",
    "psu control": "psucontrol_homeassistant",
    "psucontrol": "psucontrol_homeassistant",
    "touch ui": "touchui",
    "touchscreen": "touchui",
    "tasmota": "tasmota",
    "tasmotta": "tasmota",
    "smart plug": "tasmota",
    "thumbnails": "prusaslicerthumbnails",
    "prusa slicer thumbnails": "prusaslicerthumbnails",
    "prusaslicer thumbnail": "prusaslicerthumbnails",
    "stl": "stlviewer",
    "stl viewer": "stlviewer",
    "eeprom": "eeprom_marlin",
    "marlin eeprom": "eeprom_marlin",
    "firmware": "firmwareupdater",
    "firmware update": "firmwareupdater",
    "camera": "camerasettings",
    "kamera": "camerasettings",
    "camera set": "camerasettings",
    "camra settings": "camerasettings",
    "neopixel": "ws281x_led_status",
    "ws281x": "ws281x_led_status",
    "led status": "ws281x_led_status",
    "z offset": "z_probe_offset",
    "probe": "z_probe_offset",
    "pre heat": "preheat",
    "preheat": "preheat",
    "timelapse": "timelapseplus",
    "time lapse": "timelapseplus",
    "timelaps": "timelapseplus",
    "binary gcode": "bgcode",
    "bg code": "bgcode",
    "statistics": "stats",
    "statistcs": "stats",
    "print statistics": "stats",
    "ngrok": "ngrok",
    "tunnel": "ngrok",
    "x3g": "GPX",
    "makerbot": "GPX",
    "hang printer": "Hangprinter",
    "hangprinter setup": "Hangprinter",
    "file manager": "filemanager",
    "serial port": "remove_ttys_ports",
    "growl": "growl",
    "beeper": "FriendlyBeeper",
    "piglow": "octoglow",
    "ui customiser": "uicustomizer",
    "pretty gcode": "prettygcode",
    "prettygcode": "prettygcode",
    "karmen": "karmen",
    "robin vanhove": "tempsgraph",
    "Würthner": "octoapp",
    "wurthner": "octoapp",
    "multicolors": "multi_colors",
    "cost": "cost",
}


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the index of the registry's own plugins below `/base`, and a page that asks it."""
    folder = tmp_path_factory.mktemp("search")
    plugins = make_source(folder / "source")
    for path in (ROOT / "_plugins").glob("*.md"):
        shutil.copy(path, plugins)
    write_feeds(folder / "source")
    base = folder / "base"
    shutil.copytree(folder / "source" / "build" / "feeds" / "search", base / "search")
    (base / "assets" / "js").mkdir(parents=True)
    shutil.copy(ROOT / "assets" / "js" / "engine.js", base / "assets" / "js")
    (base / "assets" / "js" / "page.js").write_text(SCRIPT, encoding="utf-8")
    (base / "index.html").write_text(PAGE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def address(searched: Path) -> Iterator[str]:
    with serve_files(searched) as address:
        yield f"{address}/base/"


@contextmanager
def opened(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("() => window.ask !== undefined")
    yield page
    context.close()


@pytest.fixture(scope="module")
def shared(chromium: Browser, address: str) -> Iterator[Page]:
    """Return a page for all tests that look at answers alone."""
    with opened(chromium, address) as page:
        yield page


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """Return a page that has fetched nothing."""
    with opened(chromium, address) as page:
        yield page


def asking(page: Page) -> Ask:
    """Return what asks the engine; the answer's `slugs` are its numbers, named."""
    slugs = by_popularity(read_documents(ROOT / "_plugins")[0])

    def ask(text: str, **options: Any) -> dict[str, Any]:
        answer = page.evaluate("([text, options]) => ask(text, options)", [text, options])
        return {**answer, "slugs": [(slugs[number], score) for number, score in answer["numbers"]]}

    return ask


@pytest.fixture(scope="module")
def ask(shared: Page) -> Ask:
    return asking(shared)


def first(answer: dict[str, Any], many: int = 1) -> list[str]:
    return [slug for slug, _ in answer["slugs"]][:many]


def fetched(page: Page) -> list[str]:
    """Return which files of the index were fetched, in order."""
    names = page.evaluate("() => performance.getEntriesByType('resource').map((entry) => entry.name)")
    return [name.rsplit("/", 1)[1] for name in names if "/base/search/" in name]


def test_what_people_look_for_comes_first(ask: Ask) -> None:
    answers = {text: first(ask(text), 3) for text in WANTED}
    not_first = {text: found for text, found in answers.items() if found[:1] != [WANTED[text]]}
    not_third = {text: found for text, found in answers.items() if WANTED[text] not in found}
    assert not_third == {}
    assert len(not_first) <= len(WANTED) * 0.05, not_first


def test_nothing_is_fetched_before_the_first_search_and_then_little(page: Page) -> None:
    ask = asking(page)
    assert fetched(page) == []
    ask("mqtt")
    assert fetched(page) == ["manifest.json", "words-000.json"]
    ask("mqtt events")
    assert fetched(page) == ["manifest.json", "words-000.json"]


def test_all_words_must_be_there(ask: Ask) -> None:
    assert first(ask("home automation mqtt"), 9) == ["mqtt"]
    answer = ask("mqtt firmwareupdater")
    assert (answer["slugs"], answer["words"], answer["corrected"]) == ([], ["mqtt", "firmwareupdater"], None)


def test_the_whole_title_comes_before_its_words_and_words_before_beginnings(ask: Ask) -> None:
    found = first(ask("cost"), 50)
    assert found[0] == "cost"
    scores = dict(ask("temp")["slugs"])
    # A word of the title, the beginning of one, a word of the description alone.
    assert scores["toptemp"] > scores["tempsgraph"] > scores["mqtt"]


@pytest.mark.parametrize("typed", ["m", "mq", "mqt", "mqtt"])
def test_what_is_only_begun_is_found(ask: Ask, typed: str) -> None:
    answer = ask(typed)
    assert "mqtt" in first(answer, 10)
    assert answer["words"] == [typed]
    assert answer["corrected"] is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("telegarm", "telegram"),
        ("telgram", "telegram"),
        ("telegramm", "telegram"),
        ("zelegram", "telegram"),
        ("tasmoto", "tasmota"),
        ("thimbnals", "thumbnails"),
        ("print statistcs", "print statistics"),
        ("SERAIL ports", "serial ports"),
        ("filamntma", "filamentmanager"),
    ],
)
def test_what_was_meant_is_found_and_told(ask: Ask, typed: str, meant: str) -> None:
    answer = ask(typed)
    assert answer["slugs"]
    assert answer["corrected"] == meant
    assert set(meant.split()) <= set(answer["words"])


def test_what_is_found_as_it_is_typed_is_not_corrected(ask: Ask) -> None:
    assert ask("camera settings")["corrected"] is None


@pytest.mark.parametrize(
    "typed", ["qqqqqqqq", "zzz", "\u0000", "\ud800", "😀", "x" * 20_000, "電源", "12345"]
)
def test_what_nobody_wrote_is_not_found(ask: Ask, typed: str) -> None:
    answer = ask(typed)
    assert (answer["slugs"], answer["corrected"]) == ([], None)


@pytest.mark.parametrize("typed", ["", "   ", "!?", "<>&\"'", "\u202e"])
def test_no_word_asks_for_nothing(page: Page, typed: str) -> None:
    ask = asking(page)
    answer = ask(typed)
    assert (answer["slugs"], answer["words"], answer["corrected"]) == ([], [], None)
    assert fetched(page) == ["manifest.json"]


@pytest.mark.parametrize(
    "typed", ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf call apply"]
)
def test_names_of_javascript_are_words_like_others(ask: Ask, typed: str) -> None:
    slugs = {path.stem for path in (ROOT / "_plugins").glob("*.md")}
    answer = ask(typed)
    assert {slug for slug, _ in answer["slugs"]} <= slugs
    assert all(isinstance(score, float) for _, score in answer["slugs"])


def test_the_more_popular_one_comes_first_of_equals(ask: Ask) -> None:
    # Nothing is known of their use: then they are ordered by title.
    found = [slug for slug, score in ask("editor")["slugs"] if slug in ("editorcollection", "customControl")]
    assert found == ["customControl", "editorcollection"]


def test_an_index_of_another_order_is_read_anew_and_then_refused(page: Page, searched: Path) -> None:
    ask = asking(page)
    order = json.loads((searched / "base" / "search" / "manifest.json").read_bytes())["order"]
    answer = ask("mqtt events", order=order)
    assert (first(answer), answer["order"]) == (["mqtt"], order)
    with pytest.raises(PlaywrightError, match="being renewed"):
        ask("mqtt events", order="of another build")
    assert fetched(page).count("manifest.json") == 2


def test_an_aborted_search_says_so(page: Page) -> None:
    name = page.evaluate(
        "async () => { const stop = new AbortController(); stop.abort();"
        " try { await ask('mqtt', { signal: stop.signal }); } catch (error) { return error.name; } }"
    )
    assert name == "AbortError"


def renewed(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=json.dumps({**answer.json(), "version": "renewed"}))


def test_a_site_built_anew_meanwhile_is_noticed(page: Page) -> None:
    ask = asking(page)
    assert first(ask("mqtt")) == ["mqtt"]
    page.route("**/base/search/*.json", renewed)
    # This one needs a shard that the page does not have yet: of another version than the manifest it has.
    assert first(ask("telegarm")) == ["telegram"]
    assert fetched(page).count("manifest.json") == 2


def test_a_shard_that_is_gone_is_looked_for_in_the_new_index(page: Page) -> None:
    ask = asking(page)
    gone = []

    def answer(route: Route) -> None:
        gone.append(route.request.url)
        if len(gone) == 1:
            route.fulfill(status=404)
        else:
            route.continue_()

    page.route("**/base/search/words-*.json", answer)
    assert first(ask("mqtt")) == ["mqtt"]
    assert fetched(page).count("manifest.json") == 2


def fault(page: Page) -> str:
    told = page.evaluate(
        "async () => { try { await ask('mqtt'); return ''; } catch (error) { return error.message; } }"
    )
    assert isinstance(told, str)
    return told


def test_an_index_in_the_middle_of_its_renewal_is_told(page: Page) -> None:
    ask = asking(page)
    page.route("**/base/search/words-*.json", renewed)
    assert fault(page) == "The search index is being renewed. Try again in a minute."
    page.unroute("**/base/search/words-*.json")
    assert first(ask("mqtt")) == ["mqtt"]


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "the search index answered 404"), (503, "the search index answered 503")]
)
def test_an_index_that_cannot_be_had_is_told_and_asked_for_again(
    page: Page, status: int, reason: str
) -> None:
    ask = asking(page)
    page.route("**/base/search/manifest.json", lambda route: route.fulfill(status=status))
    assert fault(page) == f"The search does not work now: {reason}. Check the connection, then try again."
    page.unroute("**/base/search/manifest.json")
    assert first(ask("mqtt")) == ["mqtt"]


def test_no_connection_is_told(page: Page) -> None:
    ask = asking(page)
    page.route("**/base/search/*.json", lambda route: route.abort())
    assert fault(page).startswith("The search does not work now: ")
    page.unroute("**/base/search/*.json")
    assert first(ask("mqtt")) == ["mqtt"]


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("Spool Manager", ["spool"], "<mark>Spool</mark> Manager"),
        ("SpoolManager", ["manager"], "Spool<mark>Manager</mark>"),
        ("Temperatures of a hotend", ["temp"], "<mark>Temp</mark>eratures of a hotend"),
        ("Octo Lapse", ["octolapse"], "<mark>Octo Lapse</mark>"),
        ("Gina Häußge", ["haussge"], "Gina <mark>Häußge</mark>"),
        ("Gina Ha\u0308ußge", ["ha"], "Gina <mark>Ha\u0308</mark>ußge"),
        ("Straße", ["stras"], "<mark>Straß</mark>e"),
        ("ﬁlament", ["filament"], "<mark>ﬁlament</mark>"),
        ("𝐁𝐨𝐥𝐝 😀 bold", ["bold"], "<mark>𝐁𝐨𝐥𝐝</mark> 😀 <mark>bold</mark>"),
        ("電源制御", ["源制"], "電<mark>源制</mark>御"),
        (
            '<b>mqtt</b> & "x"',
            ["mqtt", "b"],
            '&lt;<mark>b</mark>&gt;<mark>mqtt</mark>&lt;/<mark>b</mark>&gt; &amp; "x"',
        ),
        ("<img src=x onerror=alert(1)>", ["onerror"], "&lt;img src=x <mark>onerror</mark>=alert(1)&gt;"),
        ("webcam", ["cam"], "webcam"),
        ("", ["cam"], ""),
        ("nothing", [], "nothing"),
        ("__proto__", ["proto"], "__<mark>proto</mark>__"),
        ("a lone \ud800 here", ["here"], None),
    ],
)
def test_words_are_marked_as_text(shared: Page, text: str, words: list[str], marked: str | None) -> None:
    html, shown = shared.evaluate("([text, words]) => mark(text, words)", [text, words])
    if marked is None:
        assert html.endswith("<mark>here</mark>")
    else:
        assert (html, shown) == (marked, text)
