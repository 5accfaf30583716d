"""What the look promises: contrast, the two themes, relative times, and room on the smallest phone."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.site.builder import ROOT, Built

pytestmark = pytest.mark.xdist_group("site")

CSS = ROOT / "assets" / "css" / "_components"
TOKEN = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{3,6}), (#[0-9a-f]{3,6})\);")
GROUNDS = ("paper", "sheet", "sunken", "accent-soft")
TEXTS = [(text, ground) for text in ("ink", "soft", "accent") for ground in GROUNDS] + [
    ("on-accent", "accent"), ("warn", "warn-soft"), ("bad", "bad-soft"), ("good", "good-soft"),
]  # fmt: skip
PAGES = (
    "/", "/statistics/", "/plugins/", "/plugins/full/", "/plugins/bare/", "/by_name/", "/by_date/",
    "/by_tag/", "/by_tag/power-saving/", "/by_author/", "/abandoned/", "/notices/", "/search/", "/help/",
    "/help/figures/", "/help/registering/", "/help/badges/", "/404.html",
)  # fmt: skip


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (#rgb or #rrggbb), 1 to 21, by WCAG."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_texts_can_be_read_on_every_ground_in_both_themes(theme: int) -> None:
    tokens = {name: pair for name, *pair in TOKEN.findall((CSS / "tokens.css").read_text(encoding="utf-8"))}
    low = {
        (text, ground): round(contrast(tokens[text][theme], tokens[ground][theme]), 2)
        for text, ground in TEXTS
        if contrast(tokens[text][theme], tokens[ground][theme]) < 4.5
    }
    assert not low
    assert all(contrast(tokens["edge"][theme], tokens[ground][theme]) >= 3 for ground in ("paper", "sheet"))


@pytest.mark.parametrize(
    "name", sorted({path.name for path in CSS.iterdir()} - {"tokens.css", "print.css", "lightbox.css"})
)
def test_colours_come_from_the_tokens_alone(name: str) -> None:
    text = (CSS / name).read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", text)


def test_theme_follows_the_system_until_one_is_chosen_and_the_choice_stays(
    small_site: Built, serve: Any, chromium: Browser
) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    address = serve(small_site.site)
    page.goto(f"{address}/")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    switch = page.get_by_role("button", name="Dark theme")
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.emulate_media(color_scheme="light")
    light = page.evaluate(ground)
    assert light != dark
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.click()
    assert page.evaluate(ground) == dark
    page.goto(f"{address}/help/")
    assert page.evaluate(ground) == dark
    page.get_by_role("button", name="Dark theme").click()
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/by_tag/")
    assert page.evaluate(ground) == light
    assert page.evaluate("Object.entries({...localStorage})") == [["theme", "light"]]
    context.close()


def test_without_scripts_the_switch_is_not_shown_and_the_theme_is_the_systems(
    small_site: Built, serve: Any, chromium: Browser
) -> None:
    context = chromium.new_context(color_scheme="dark", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{serve(small_site.site)}/")
    expect(page.locator("button.theme")).to_be_hidden()
    assert page.locator("main").is_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 1920])
def test_no_page_is_wider_than_the_screen(
    small_site: Built, serve: Any, chromium: Browser, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    address = serve(small_site.site)
    wide = []
    for path in PAGES:
        page.goto(f"{address}{path}")
        # `main` clips what sticks out of it, so its own inside is measured, too.
        over = page.evaluate(
            "Math.max(...['html', 'header.top', 'main', 'footer'].map((name) => document.querySelector(name))"
            ".map((element) => element.scrollWidth - element.clientWidth))"
        )
        if over > 0:
            wide.append((path, over))
    assert not wide
    context.close()


def test_header_is_compact_on_a_phone(small_site: Built, serve: Any, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.goto(f"{serve(small_site.site)}/help/")
    assert page.locator("header.top").bounding_box()["height"] <= 100  # type: ignore[index]
    context.close()


@pytest.mark.parametrize("width", [360, 900, 1000, 1280])
def test_no_word_of_the_header_is_broken(
    small_site: Built, serve: Any, chromium: Browser, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    page.goto(f"{serve(small_site.site)}/plugins/full/")
    rows = "links => links.map(link => new Set([...link.getClientRects()].map(box => box.top)).size)"
    links = page.locator(".brand, .menu a")
    assert links.evaluate_all(rows) == [1] * 7
    heights = [box["height"] for link in links.all() if (box := link.bounding_box())]
    assert max(heights) < 50
    context.close()


def test_search_has_room_to_type_in_on_a_phone(small_site: Built, serve: Any, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.goto(f"{serve(small_site.site)}/help/")
    page.get_by_role("searchbox").focus()
    assert page.get_by_role("searchbox").bounding_box()["width"] > 200  # type: ignore[index]
    context.close()


def test_forced_colours_and_print_leave_what_must_be_seen(
    small_site: Built, serve: Any, chromium: Browser
) -> None:
    context = chromium.new_context(forced_colors="active", color_scheme="dark")
    page = context.new_page()
    page.goto(f"{serve(small_site.site)}/statistics/")
    bar = page.locator(".chart-bar").first
    track = page.locator(".chart-track").first
    fill = "(element) => getComputedStyle(element).fill"
    assert bar.evaluate(fill) != track.evaluate(fill)
    page.emulate_media(media="print", forced_colors="none")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator(".chart").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("query", ["?maintained=1", "?maintained=1&q=full"])
def test_a_filter_that_tells_nothing_is_not_offered_and_passed_over(
    small_site: Built, serve: Any, chromium: Browser, query: str
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{serve(small_site.site)}/plugins/{query}")
    expect(page.locator("#filter")).to_be_visible()
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#results .card").first).to_contain_text("Full Measure")
    expect(page.locator("[name=maintained]")).to_have_count(0)
    expect(page.locator("#chips")).not_to_contain_text("maintained")
    assert faults == []
    context.close()


TIMES = [
    ("2026-11-20T09:00:00Z", "3 hours ago", "20 November 2026 at 09:00 UTC"),
    ("2026-11-20T11:59:50Z", "this minute", "20 November 2026 at 11:59 UTC"),
    ("2026-11-20T12:02:00Z", "as built", ""),
    ("2026-11-18T20:00:00Z", "1 day ago", "18 November 2026 at 20:00 UTC"),
    ("2026-11-18T09:00:00Z", "2 days ago", "18 November 2026 at 09:00 UTC"),
    ("2026-11-19", "yesterday", "19 November 2026"),
    ("2026-09-21", "60 days ago", "21 September 2026"),
    ("2026-09-20", "September 2026", "20 September 2026"),
    ("2020-07-24T00:00:00Z", "July 2020", "24 July 2020 at 00:00 UTC"),
    ("2026-11-25", "as built", ""),
    ("nonsense", "as built", ""),
]


def test_times_are_told_as_time_gone_by_with_the_date_as_their_title(
    small_site: Built, serve: Any, chromium: Browser, tmp_path: Path
) -> None:
    times = "".join(f'<time datetime="{iso}" data-ago>as built</time>' for iso, _, _ in TIMES)
    (tmp_path / "time.js").write_bytes((ROOT / "assets/js/time.js").read_bytes())
    (tmp_path / "index.html").write_text(
        f'<!doctype html><html lang="en"><time datetime="2026-11-19">stays</time>{times}'
        '<script src="time.js" type="module"></script>',
        encoding="utf-8",
    )
    context = chromium.new_context(timezone_id="Pacific/Auckland")
    page = context.new_page()
    page.clock.set_fixed_time("2026-11-20T12:00:00Z")
    page.goto(serve(tmp_path))
    found = page.locator("time").evaluate_all("all => all.map((one) => [one.textContent, one.title])")
    assert found == [["stays", ""], *([words, title] for _, words, title in TIMES)]
    context.close()
