"""The lists by name, date, tag and author, their indexes, and the plugins that look for a maintainer."""

from pathlib import Path

import pytest
import yaml
from selectolax.lexbor import LexborHTMLParser

from registry.registration.frontmatter import dump
from tests.site.builder import Built, build, make_source

pytestmark = pytest.mark.xdist_group("site")

PLUGINS = {
    "alpha": {"title": "Alpha", "author": "Ada", "tags": ["Camera", "led"], "date": "2020-01-01", "used": 5},
    "beta": {"title": "beta", "author": "Ada", "tags": ["camera"], "date": "2021-01-01", "used": 50},
    "eclair": {"title": "Éclair", "author": "Éric", "tags": ["camera"], "date": "2021-06-01"},
    "echo": {"title": "Echo", "author": "Eve <b>", "tags": ["led"], "abandoned": True, "used": 7},
    "left": {"title": "Left", "author": "Ada", "tags": [], "date": "2019-01-01", "abandoned": True},
    "one": {"title": "1st", "author": "Zoë", "tags": [], "date": "2019-02-01", "up_for_adoption": True},
    "two": {"title": "2nd", "author": "Zoë", "tags": [], "up_for_adoption": True, "used": 3},
}


def write(plugins: Path) -> None:
    for slug, given in PLUGINS.items():
        data = {"layout": "plugin", "id": slug, **given}
        if (used := data.pop("used", None)) is not None:
            data["stats"] = {"month": {"instances": used}}
        (plugins / f"{slug}.md").write_text(dump(data, ""), encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return seven plugins, two on a page of a list and three names on a page of an index."""
    folder = tmp_path_factory.mktemp("lists")
    write(make_source(folder))
    (folder / "over.yml").write_text("per_page: 2\nper_index_page: 3\nbaseurl: /base\n", encoding="utf-8")
    return build(folder)


def parsed(built: Built, name: str) -> LexborHTMLParser:
    return LexborHTMLParser(built.text(f"{name}/index.html"))


def titles(page: LexborHTMLParser) -> list[str]:
    return [link.text() for link in page.css(".card h3 a")]


def every(built: Built, name: str) -> list[str]:
    """Return the titles on all pages of a list."""
    pages = [
        name,
        *sorted(str(path.parent.relative_to(built.site)) for path in built.site.glob(f"{name}/page/*/*")),
    ]
    return [title for page in pages for title in titles(parsed(built, page))]


def jump(page: LexborHTMLParser) -> list[tuple[str, str]]:
    return [(link.text(), link.attributes["href"] or "") for link in page.css(".jump a")]


def test_by_name_every_letter_is_jumped_to_on_the_page_where_it_stands(built: Built) -> None:
    places = jump(parsed(built, "by_name"))
    assert dict(places)["0–9"] == "/base/by_name/#at-0-9"
    assert dict(places)["B"].startswith("/base/by_name/page/")
    assert len(places) == 5, "É stands with E"
    for _, href in places:
        path, _, name = href.removeprefix("/base/").partition("#")
        assert parsed(built, path.rstrip("/")).css_first(f'[id="{name}"]') is not None
    assert sorted(every(built, "by_name")) == sorted(str(given["title"]) for given in PLUGINS.values())


def test_by_date_comes_newest_first_under_its_year(built: Built) -> None:
    assert every(built, "by_date")[:5] == ["Éclair", "beta", "Alpha", "1st", "Left"]
    assert [name for name, _ in jump(parsed(built, "by_date"))] == ["2021", "2020", "2019", "No date"]


def test_page_of_a_tag_says_how_many_and_who_and_begins_with_the_most_used(built: Built) -> None:
    page = parsed(built, "by_tag/camera")
    assert page.css_first("h1").text().split() == ["Tag:", "camera"]
    lead = page.css_first(".lead")
    assert " ".join(lead.text().split()) == "3 plugins, most used first. By Ada, Éric."
    assert lead.css_first("a").attributes["href"] == "/base/by_author/ada/"
    assert every(built, "by_tag/camera") == ["beta", "Alpha", "Éclair"]
    assert parsed(built, "by_tag/camera/page/2").css_first("h1") is not None


def test_page_of_an_author_says_how_many_and_what_about(built: Built) -> None:
    lead = parsed(built, "by_author/ada").css_first(".lead").text()
    assert " ".join(lead.split()) == "3 plugins, most used first. Tags: camera, led."
    assert every(built, "by_author/ada") == ["beta", "Alpha", "Left"]


def test_index_of_authors_is_sorted_counted_and_cut_into_pages(built: Built) -> None:
    page = parsed(built, "by_author")
    assert [item.text().split() for item in page.css(".tags li")] == [["Ada", "3"], ["Zoë", "2"]]
    assert [heading.text() for heading in page.css("h2")] == ["With the most plugins", "All 4"]
    rows = [item.text().split() for item in page.css(".register li")]
    assert rows == [["Ada", "3"], ["Eve", "<b>", "1"], ["Éric", "1"]]
    assert [heading.text() for heading in page.css(".register h3")] == ["A", "E"]
    assert [item.text().split() for item in parsed(built, "by_author/page/2").css(".register li")] == [
        ["Zoë", "2"]
    ]
    assert jump(page)[2] == ("Z", "/base/by_author/page/2/#at-z")


def test_up_for_adoption_comes_first_then_the_most_used_and_unknown_last(built: Built) -> None:
    assert every(built, "abandoned") == ["2nd", "1st", "Echo", "Left"]
    page = parsed(built, "abandoned")
    assert [heading.text() for heading in page.css("h2")] == ["Up for adoption"]
    assert "3 in use" in page.css_first(".card").text()
    assert page.css_first(".plea a.button").attributes["href"] == "/base/help/adopting/"


def test_lists_of_nothing_say_so(tmp_path: Path) -> None:
    make_source(tmp_path)
    built = build(tmp_path)
    for name in ("by_name", "by_date", "abandoned"):
        assert "There is no plugin here yet." in built.text(f"{name}/index.html")
    for name in ("by_tag", "by_author"):
        assert "There is nothing here yet." in built.text(f"{name}/index.html")


HELP = ("", "installation", "registering", "adopting", "github_integration", "badges", "figures", "privacy")


def test_help_names_the_host_of_the_settings(tmp_path: Path) -> None:
    make_source(tmp_path)
    over = {"registry": {"host": {"name": "Ma<b>chine", "version": "2", "url": None}, "repository": None}}
    (tmp_path / "over.yml").write_text(yaml.safe_dump(over), encoding="utf-8")
    built = build(tmp_path)
    pages = [built.text(f"help/{name}/index.html".replace("//", "/")) for name in HELP]
    pages += [built.text("index.html"), built.text("notices/index.html"), built.text("404.html")]
    assert not any("OctoPrint" in page or "Ma<b>" in page for page in pages)
    assert "Ma&lt;b&gt;chine" in built.text("index.html")
    assert "Ma&lt;b&gt;chine" in built.text("help/privacy/index.html")


def test_a_missing_page_offers_the_search(built: Built) -> None:
    page = LexborHTMLParser(built.text("404.html"))
    assert [form.attributes["action"] for form in page.css("form")] == ["/base/plugins/"]
