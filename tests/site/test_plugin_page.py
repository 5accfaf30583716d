"""The page of a plugin: what it says, and what it does in Chromium."""

import json
import os
import re
import shlex
import struct
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect
from selectolax.lexbor import LexborHTMLParser

from registry.registration.frontmatter import dump
from tests.site.builder import NOW, ROOT, Built, build, make_source, png, write_feeds

pytestmark = pytest.mark.xdist_group("plugin-page")

BASE: dict[str, Any] = {
    "title": "A title",
    "description": "A description.",
    "author": "Somebody",
    "license": "MIT",
    "date": "2020-01-02",
    "homepage": "https://example.org/home",
    "source": "https://github.com/owner/name",
    "archive": "https://example.org/archive.zip",
}
SHELLS_NIGHTMARE = "https://example.org/a'b\"c$(touch${IFS}x)`id`;d&e|f!g%20\\h“i”{j}.zip?x=$HOME&y=1"
HOSTILE = ("giant.png", "cut.png", "drawing.svg", "link.png", "pipe.png", "noise.jpg", "empty.gif")
VIDEO = '{% include youtube.html vid="abcdefghijk" %}'
REMOTE = "https://pictures.example/a.png"


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S +0000")


def github(**known: Any) -> dict[str, Any]:
    return {"repo": "owner/name", "archived": False, "releases": 0, **known}


PLUGINS: dict[str, tuple[dict[str, Any], str]] = {
    "rich": (
        {
            "screenshots": [
                {
                    "url": f"/assets/img/plugins/rich/{name}.png",
                    "alt": f"Picture {name}",
                    "caption": f"Caption {name}",
                }
                for name in ("one", "two", "three")
            ],
            "tags": ["a"],
            "compatibility": {"octoprint": ["1.4.0"], "python": ">=3.7,<4"},
            "github": github(
                last_push=ago(2), latest_release="2.0", latest_release_date=ago(20), releases=3, stars=7,
                open_issues=1, closed_issues=9,
            ),
            "freshness": {"github": {"as_of": ago(0.2), "stale": False}},
        },
        f"{VIDEO}\n\nSee [this](https://www.youtube.com/watch?v=zzzzzzzzzzz).\n",
    ),
    "pictures": (
        {
            "screenshots": [
                {"url": f"/assets/img/plugins/pictures/{name}", "alt": name}
                for name in HOSTILE
            ]
        },
        "![giant](/assets/img/plugins/pictures/giant.png) ![good](/assets/img/plugins/pictures/good.png) "
        "[raw](/assets/img/plugins/pictures/drawing.svg)\n",
    ),
    "remote": (
        {"screenshots": [{"url": REMOTE, "alt": "A print", "caption": "It went well"}]},
        f"![a cat]({REMOTE}) ![]({REMOTE})\n\n[![build]({REMOTE})](https://ci.example/)\n\n"
        f"[![]({REMOTE})](https://ci.example/2)\n",
    ),
    "remote-html": (
        {"featuredimage": "http://pictures.example/b.png"},
        f'<div><img src="{REMOTE}" alt="a dog" onerror="alert(1)"> <a href="https://ci.example/">'
        f'<span><img src="{REMOTE}" alt="build"></span></a></div>\n',
    ),
    "shell": ({"archive": SHELLS_NIGHTMARE}, "Text.\n"),
    "umlaut": ({"archive": "https://exämple.org/a.zip"}, "Text.\n"),
    "disabled": ({"disabled": "It melts.", "archive": "https://example.org/melting.zip"}, "Text.\n"),
    "abandoned": (
        {
            "abandoned": "https://github.com/example/plugins/issues/7",
            "abandonment": {"url": "https://github.com/example/plugins/issues/7", "date": ago(400)},
            "github": github(archived=True, last_push=ago(1500)),
            "freshness": {"github": {"as_of": ago(30), "stale": True}},
        },
        "Text.\n",
    ),
    "bot": (
        {
            "github": github(last_push=ago(3), last_push_any_branch=True, releases=1),
            "freshness": {"github": {"as_of": ago(0.2), "stale": True}},
        },
        "Text.\n",
    ),
    "bot-of-old": (
        {
            "github": github(last_push=ago(1500), last_push_any_branch=True, releases=1),
            "freshness": {"github": {"as_of": ago(0.2), "stale": True}},
        },
        "Text.\n",
    ),
    "unheard": (
        {
            "stats": {"month": {"instances": 5}},
            "github": github(last_push=ago(500), latest_release="1", latest_release_date=ago(90)),
            "freshness": {
                source: {"as_of": ago(31), "stale": True} for source in ("usage", "github")
            },
        },
        "Text.\n",
    ),
    "override": ({"title": "Good\u202egnp.exe\u2066\u200b Name", "tags": ["t\u200bag"]}, "Text.\n"),
    "escape": (
        {
            "title": "</script><script>alert(1)</script>",
            "description": "a\u2028b & <!-- <script>",
            "author": "]]>",
            "history": {
                "since": "2026-08-23",
                "instances": [[0, 1], ["<b>", 2], [5, 3], [4, 9], [6, -1], [7, 2.5]],
                "installs": [[0, 3]],
                "stars": "x",
            },
        },
        "Text.\n",
    ),
    "long": ({"title": "x" * 300, "description": "y" * 3000, "tags": ["z" * 200]}, "w" * 500 + "\n"),
    "bare": ({}, "Text.\n"),
}  # fmt: skip


def write_pictures(folder: Path) -> None:
    """Write good pictures, and those that would harm whoever believes them."""
    rich, bad = folder / "rich", folder / "pictures"
    rich.mkdir(parents=True)
    bad.mkdir()
    for number, name in enumerate(("one", "two", "three")):
        (rich / f"{name}.png").write_bytes(png(300 + number, 200))
    (bad / "good.png").write_bytes(png(30, 20))
    giant = png(1, 1).replace(struct.pack(">II", 1, 1), struct.pack(">II", 2**32 - 1, 2**32 - 1), 1)
    with (bad / "giant.png").open("wb") as file:
        file.write(giant)
        file.truncate(2**20)
    (bad / "cut.png").write_bytes(png(5, 5)[:18])
    (bad / "drawing.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    )
    (bad / "link.png").symlink_to("/etc/passwd")
    os.mkfifo(bad / "pipe.png")
    (bad / "noise.jpg").write_bytes(b"\xff\xd8\xff" + b"\xe1\x00\x00\xff" * 50_000)
    (bad / "empty.gif").write_bytes(b"")


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the site of PLUGINS, with feeds."""
    folder = tmp_path_factory.mktemp("pages")
    plugins = make_source(folder)
    for slug, (data, body) in PLUGINS.items():
        text = dump({"id": slug, **BASE, **data}, body)
        (plugins / f"{slug}.md").write_text(text, encoding="utf-8")
    write_pictures(folder / "assets" / "img" / "plugins")
    write_feeds(folder)
    return build(folder)


def health(html: str) -> dict[str, str]:
    """Return term -> figure and verdict of the health at a glance."""
    rows = LexborHTMLParser(html).css(".plugin-health dl > div")
    return {
        row.css_first("dt").text(): "; ".join(" ".join(dd.text().split()) for dd in row.css("dd"))
        for row in rows
    }


def form_fields(template: str) -> set[str]:
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / template).read_text(encoding="utf-8"))
    return {field["id"] for field in form["body"] if "id" in field}


def test_health_is_told_with_its_verdict(pages: Built) -> None:
    assert health(pages.plugin("rich")) == {
        "In use": "unknown",
        "Latest release": "2.0; 31 October 2026",
        "Last change": "18 November 2026; code committed",
        "Issues": "1 open, 9 closed; 90 % are closed",
        "Stars": "7",
        "Repository": "reachable; not archived",
    }


def test_health_of_what_nobody_looked_at_is_unknown(pages: Built) -> None:
    told = health(pages.plugin("bare"))
    assert len(told) == 6
    assert all(words.startswith("unknown") for words in told.values())


def test_old_and_archived_is_named_in_words(pages: Built) -> None:
    told = health(pages.plugin("abandoned"))
    assert told["Latest release"] == "none; no full release yet"
    assert told["Last change"] == "12 October 2022; code committed more than 4 years ago"
    assert told["Repository"] == "archived; read-only, no change to be expected"


def test_a_push_to_any_branch_makes_nobody_look_alive(pages: Built) -> None:
    page = pages.plugin("bot")
    assert health(page)["Last change"] == "17 November 2026; pushed to some branch"
    assert '<div class="unknown"><dt>Last change</dt>' in page
    assert "newer ones could not be had" in page
    assert health(pages.plugin("bot-of-old"))["Last change"].endswith(
        "; code committed more than 4 years ago"
    )


def test_old_figures_say_nothing_of_last_month_and_judge_nobody(pages: Built) -> None:
    page = pages.plugin("unheard")
    told = health(page)
    assert told["In use"] == "5; installations in a month"
    assert told["Latest release"] == "1; 22 August 2026, within the last year"
    assert told["Last change"] == "8 July 2025; no later commit known in October 2026"
    assert told["Repository"] == "unknown; reachable when last looked at"
    assert '"userInteractionCount":5,"endTime":"2026-10-20T00:00:00Z"' in page
    assert "Last month" not in page
    assert "Last month" not in pages.plugin("bare")


VERDICTS = """
news = { "news" => true }
rows = [[1, 1], [1234, 1], [5, 2], [5, 11], [5, 23], [5, 112], [0, 3], [5, nil]].map do |seen, rank|
  data = { "usage" => { "month" => { "instances" => seen } }, "ranks" => { "instances_month" => rank } }
  Almanac::Health.usage(data, news)
end
asked = [[0, 0], [7, 0], [0, 7], [300, 1], [1, 9]].map { |pair| Almanac::Health.answered(*pair) }
puts JSON.dump([rows.map { |row| row["verdict"] }, asked])
"""


def test_places_and_shares_are_told_as_people_tell_them() -> None:
    told = subprocess.run(
        ["ruby", "-rjson", f"-r{ROOT / '_jekyll' / 'pages' / 'health.rb'}", "-e", VERDICTS],
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    assert json.loads(told.stdout) == [
        [
            "installation last month, the most used here",
            "installations last month, the most used here",
            "installations last month, 2nd most used here",
            "installations last month, 11th most used here",
            "installations last month, 23rd most used here",
            "installations last month, 112th most used here",
            "no installation seen last month",
            "installations last month",
        ],
        ["none reported yet", "none is closed", "all are closed", "under 1 % are closed", "90 % are closed"],
    ]


def test_abandonment_is_dated(pages: Built) -> None:
    page = pages.plugin("abandoned")
    assert '<time datetime="2025-10-16">16 October 2025</time>' in page
    assert "abandoned-plugin.yml" not in page


def test_fresh_figures_are_told_as_an_age(pages: Built) -> None:
    assert (
        'GitHub figures from <time datetime="2026-11-19T19:12:00Z" data-ago>19 November 2026</time>'
        in pages.plugin("rich")
    )


def test_disabled_plugin_has_no_address_to_install_from(pages: Built) -> None:
    page = pages.plugin("disabled")
    assert "It melts." in page
    assert "melting" not in page
    assert "pip install" not in page
    assert "data-copy" not in page.split('class="panel plugin-shields"')[0]


def test_command_is_one_word_to_a_shell_whatever_the_address_holds(pages: Built) -> None:
    command = LexborHTMLParser(pages.plugin("shell")).css_first("#install-command").text()
    words = shlex.split(command)
    assert words[:2] == ["pip", "install"]
    told = subprocess.run(
        ["sh", "-c", f"HOME=/secret; set -- {command}; printf '%s\\n' \"$@\""],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.splitlines() == words
    assert not set(words[2]) & set("\"'$`\\!;|{}“”()")
    assert words[2].startswith(
        "https://example.org/a%27b%22c%24%28touch%24%7BIFS%7Dx%29%60id%60%3Bd&e%7Cf%21g%20"
    )


def test_no_command_where_an_address_cannot_be_written_plainly(pages: Built) -> None:
    page = pages.plugin("umlaut")
    assert 'id="install-url">https://exämple.org/a.zip' in page
    assert "install-command" not in page


def test_remote_pictures_are_links_and_in_links_their_words(pages: Built) -> None:
    page = pages.plugin("remote")
    link = f'<a href="{REMOTE}" rel="nofollow noopener ugc">'
    assert f"{link}Picture at pictures.example: a cat</a> {link}Picture at pictures.example</a>" in page
    assert '<a href="https://ci.example/" rel="nofollow noopener ugc">build</a>' in page
    assert (
        '<a href="https://ci.example/2" rel="nofollow noopener ugc">Picture at pictures.example</a>' in page
    )
    assert f'<p class="elsewhere">{link}Picture at pictures.example</a></p>' in page
    assert "<figcaption><bdi>It went well</bdi></figcaption>" in page


def test_remote_pictures_of_raw_html_are_links_too(pages: Built) -> None:
    page = pages.plugin("remote-html")
    assert f'<a href="{REMOTE}" rel="nofollow noopener ugc">Picture at pictures.example: a dog</a>' in page
    assert '<a href="https://ci.example/" rel="nofollow noopener ugc"><span>build</span></a>' in page
    assert (
        'href="http://pictures.example/b.png" rel="nofollow noopener ugc">Picture at pictures.example</a>'
        in page
    )


def test_no_page_loads_a_picture_from_elsewhere(pages: Built) -> None:
    for slug in PLUGINS:
        for picture in LexborHTMLParser(pages.plugin(slug)).css("img"):
            assert (picture.attributes["src"] or "").startswith("/"), slug


def test_pictures_have_their_size(pages: Built) -> None:
    page = pages.plugin("rich")
    assert re.search(r'rich/two\.png" alt="Picture two" width="301" height="200" loading="lazy"', page)
    assert 'alt="good" loading="lazy" decoding="async" width="30" height="20"' in pages.plugin("pictures")


def test_hostile_pictures_have_no_size_and_stop_nothing(pages: Built) -> None:
    page = LexborHTMLParser(pages.plugin("pictures"))
    sized = [image.attributes["src"] for image in page.css("img") if "width" in image.attributes]
    assert [src for src in sized if src and "/assets/img/plugins/" in src] == [
        "/assets/img/plugins/pictures/good.png"
    ]
    missing = [" ".join(node.text().split()) for node in page.css(".elsewhere")]
    assert missing == [f"Picture missing: {name}" for name in ("drawing.svg", "link.png", "pipe.png")]
    made = {path.name for path in (pages.site / "assets/img/plugins/pictures").iterdir()}
    assert made == {"giant.png", "good.png", "cut.png", "noise.jpg", "empty.gif"}


def test_a_drawing_is_not_published(pages: Built) -> None:
    # Opened by its own address, it would run its scripts as ours.
    assert "/assets/img/plugins/pictures/drawing.svg" not in pages.plugin("pictures")


def test_own_picture_stands_for_the_page_elsewhere(pages: Built) -> None:
    shown = 'property="og:image" content="https://plugins.example.org/assets/img/plugins/rich/one.png"'
    assert shown in pages.plugin("rich")
    assert "og:image" in pages.plugin("remote")
    assert "pictures.example" not in pages.plugin("remote").split("</head>")[0]


def test_what_turns_text_around_is_left_out(pages: Built) -> None:
    page = LexborHTMLParser(pages.plugin("override"))
    assert page.css_first("h1").text() == "Goodgnp.exe Name"
    assert page.css_first(".tags a").text() == "tag"


def test_json_ld_is_valid_and_cannot_end_its_block(pages: Built) -> None:
    for slug, (data, _) in PLUGINS.items():
        [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', pages.plugin(slug))
        assert not set(block) & set("<>&\u2028\u2029")
        told = json.loads(block)
        assert told["@type"] == "SoftwareApplication"
        assert told["url"] == f"https://plugins.example.org/plugins/{slug}/"
        assert ("downloadUrl" in told) is ("disabled" not in data)
    escaped = json.loads(re.findall(r"ld\+json\">(.*?)</script>", pages.plugin("escape"))[0])
    assert escaped["name"] == "</script><script>alert(1)</script>"


def test_history_of_nonsense_keeps_what_is_figures(pages: Built) -> None:
    lines = LexborHTMLParser(pages.plugin("escape")).css("svg.sparkline")
    assert [line.attributes["aria-label"] for line in lines] == [
        "Installations in use from 1 on 23 August 2026 to 3 on 28 August 2026; lowest 1, highest 3"
    ]
    ends = LexborHTMLParser(pages.plugin("escape")).css(".sparkline-ends")
    assert ends[0].attributes["aria-hidden"] == "true"
    assert [end.text() for end in ends[0].css("span")] == ["23 August 2026: 1", "28 August 2026: 3"]
    assert not LexborHTMLParser(pages.plugin("bare")).css("svg.sparkline")


@pytest.mark.parametrize("template", ["listing-error.yml", "suspicious-activity.yml", "abandoned-plugin.yml"])
def test_reports_fill_the_fields_of_their_forms(pages: Built, template: str) -> None:
    links = [
        a.attributes["href"] or "" for a in LexborHTMLParser(pages.plugin("escape")).css(".plugin-reports a")
    ]
    [link] = [link for link in links if f"template={template}" in link]
    query = parse_qs(urlsplit(link).query)
    assert link.startswith("https://github.com/example/plugins/issues/new?")
    assert query["plugin"] == ["escape"]
    assert query["title"][0].endswith("</script><script>alert(1)</script>")
    assert set(query) - {"template", "title"} <= form_fields(template)


def test_registration_is_edited_where_the_settings_say(pages: Built) -> None:
    assert 'href="https://github.com/example/plugins/edit/main/_plugins/rich.md"' in pages.plugin("rich")


@pytest.mark.parametrize("settled", ["over", "absent"])
def test_without_a_repository_nothing_is_reported(tmp_path: Path, settled: str) -> None:
    plugins = make_source(tmp_path, enriched=False)
    (plugins / "one.md").write_text(dump({"id": "one", **BASE}, "Text.\n"), encoding="utf-8")
    if settled == "over":
        over = "registry: {repository: null, host: {version: 2.0.0}}\n"
        (tmp_path / "over.yml").write_text(over, encoding="utf-8")
    else:
        config = (tmp_path / "_config.yml").read_text(encoding="utf-8")
        without = re.sub(r"(?m)^  repository: .*\n", "", config)
        assert without != config
        (tmp_path / "_config.yml").write_text(without, encoding="utf-8")
    built = build(tmp_path)
    page = built.plugin("one")
    assert "Something wrong" not in page
    assert "/issues/new" not in page
    assert "Source of this site" not in page
    assert "OctoPrint’s plugin manager" in page
    help_page = built.text("help/registering/index.html")
    assert "this site’s repository" in help_page
    assert "Edit this registration" not in help_page


def test_scripts_of_the_page_are_small(pages: Built) -> None:
    assert (pages.site / "assets/js/plugin.js").stat().st_size < 6_000


# In Chromium


class Seen:
    """A page with what it asked for and complained of."""

    def __init__(self, chromium: Browser, address: str, **context: Any) -> None:
        self.context = chromium.new_context(**context)
        self.page: Page = self.context.new_page()
        self.foreign: list[str] = []
        self.told: list[str] = []
        self.address = address
        self.page.on("console", lambda message: self.told.append(message.text))
        self.page.on("pageerror", lambda error: self.told.append(str(error)))
        self.page.route(lambda url: not url.startswith(address), self._foreign)

    def _foreign(self, route: Any) -> None:
        self.foreign.append(route.request.url)
        route.fulfill(body="<p>a video</p>", content_type="text/html")

    def open(self, slug: str) -> Page:
        self.page.goto(f"{self.address}/plugins/{slug}/")
        return self.page


@pytest.fixture
def see(pages: Built, chromium: Browser, serve: Callable[[Path], str]) -> Iterator[Callable[..., Seen]]:
    opened: list[Seen] = []

    def start(**context: Any) -> Seen:
        opened.append(Seen(chromium, serve(pages.site), **context))
        return opened[-1]

    yield start
    for seen in opened:
        seen.context.close()


def test_pages_ask_nobody_and_say_nothing(see: Callable[..., Seen]) -> None:
    seen = see()
    for slug in PLUGINS:
        seen.open(slug)
        assert (seen.foreign, seen.told) == ([], []), slug


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_page(see: Callable[..., Seen], width: int) -> None:
    seen = see(viewport={"width": width, "height": 800})
    for slug in PLUGINS:
        page = seen.open(slug)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, slug
        wide = page.evaluate(
            "[...document.querySelectorAll('main *')].filter((node) => !node.closest('pre, table, .hidden')"
            " && node.getBoundingClientRect().right > innerWidth + 1)"
            ".map((node) => node.outerHTML.slice(0, 99))"
        )
        assert wide == [], slug


def test_address_and_command_are_copied_and_it_is_said(see: Callable[..., Seen]) -> None:
    seen = see(permissions=["clipboard-read", "clipboard-write"])
    page = seen.open("rich")
    page.get_by_role("button", name="Copy the URL").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "https://example.org/archive.zip"
    page.get_by_role("button", name="Copy the command").focus()
    page.keyboard.press("Enter")
    expect(page.locator("button[data-copy=install-command]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == 'pip install "https://example.org/archive.zip"'


def test_what_cannot_be_copied_is_selected(see: Callable[..., Seen]) -> None:
    seen = see()
    seen.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.execCommand = () => false;"
    )
    page = seen.open("rich")
    page.get_by_role("button", name="Copy the URL").click()
    expect(page.get_by_role("status")).to_contain_text("Selected")
    assert page.evaluate("getSelection().toString()") == "https://example.org/archive.zip"


def test_lightbox_is_walked_with_the_keyboard(see: Callable[..., Seen]) -> None:
    page = see(reduced_motion="reduce").open("rich")
    page.locator("a.shot").nth(0).focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="Screenshots")
    expect(box).to_be_visible()
    expect(box.get_by_role("img")).to_have_attribute("alt", "Picture one")
    expect(box.locator("p")).to_have_text("Caption one")
    page.keyboard.press("ArrowLeft")
    expect(box.get_by_role("img")).to_have_attribute("alt", "Picture three")
    expect(box.get_by_role("status")).to_have_text("3 of 3")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(box.get_by_role("img")).to_have_attribute("src", re.compile("/rich/two.png$"))
    assert box.evaluate("(node) => getComputedStyle(node).animationName") == "none"
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(page.locator("a.shot").nth(1)).to_be_focused()


def test_lightbox_is_walked_with_the_mouse(see: Callable[..., Seen]) -> None:
    seen = see()
    page = seen.open("rich")
    page.locator("a.shot").nth(1).click()
    box = page.get_by_role("dialog")
    box.get_by_role("button", name="Next").click()
    expect(box.get_by_role("img")).to_have_attribute("alt", "Picture three")
    box.get_by_role("button", name="Close").click()
    expect(box).to_be_hidden()
    page.locator("a.shot").nth(0).click()
    expect(box.get_by_role("img")).to_have_attribute("alt", "Picture one")
    assert seen.page.url.endswith("/plugins/rich/")
    assert seen.told == []


def test_video_is_asked_for_once_and_only_after_a_click(see: Callable[..., Seen]) -> None:
    seen = see()
    page = seen.open("rich")
    link = page.get_by_role("link", name="Play the video")
    link.hover()
    assert seen.foreign == []
    link.click()
    frame = page.locator(".video iframe")
    expect(frame).to_have_attribute("title", "Video on YouTube")
    page.frame_locator(".video iframe").get_by_text("a video").wait_for()
    assert seen.foreign == ["https://www.youtube-nocookie.com/embed/abcdefghijk"]
    assert frame.get_attribute("sandbox") == "allow-scripts allow-same-origin allow-popups allow-presentation"
    assert page.locator("a[href*=zzzzzzzzzzz]").count() == 1
    assert seen.told == []


def test_without_scripts_all_is_there_and_no_button(see: Callable[..., Seen]) -> None:
    page = see(java_script_enabled=False).open("rich")
    expect(page.locator("#install-command")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Copy"))).to_have_count(0)
    expect(page.get_by_role("link", name="Watch the video on YouTube")).to_be_visible()
    page.locator("a.shot").nth(0).click()
    assert page.url.endswith("/assets/img/plugins/rich/one.png")


def test_on_paper_the_page_is_read_and_not_used(see: Callable[..., Seen]) -> None:
    page = see().open("rich")
    page.emulate_media(media="print")
    for hidden in ("nav.neighbours", ".copyable button >> nth=0", ".plugin-reports", "header.top"):
        expect(page.locator(hidden)).to_be_hidden()
    for shown in ("h1", "#install-url", ".plugin-health", ".prose", ".shots"):
        expect(page.locator(shown)).to_be_visible()


def test_on_a_phone_installing_and_health_come_before_the_text(see: Callable[..., Seen]) -> None:
    page = see(viewport={"width": 360, "height": 800}).open("rich")
    tops = [
        page.locator(part).bounding_box() or {"y": 0}
        for part in ("h1", ".plugin-install", ".plugin-health", ".plugin-main", ".plugin-side")
    ]
    assert [box["y"] for box in tops] == sorted(box["y"] for box in tops)


def test_on_a_desk_the_page_has_two_columns(see: Callable[..., Seen]) -> None:
    page = see(viewport={"width": 1280, "height": 900}).open("rich")
    main, side = (page.locator(part).bounding_box() for part in (".plugin-main", ".plugin-side"))
    assert main
    assert side
    assert main["x"] + main["width"] < side["x"]
