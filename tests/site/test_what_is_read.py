"""What Jekyll reads of a checkout, and what it may not stumble over."""

import shutil

import pytest

from tests.site.builder import DATA, Built, build, make_source

BROKEN = '---\ntitle: "an open quote\nid: [\n---\nText.\n'


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return a preview of a checkout in which much lies about that is not of the site."""
    folder = tmp_path_factory.mktemp("checkout")
    plugins = make_source(folder, enriched=False)
    shutil.copy(DATA / "plugins" / "bare.md", plugins)
    for name in ("README.md", "registrations/broken.md", "tests/data/page.html", "_posts/2020-01-01-x.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(BROKEN, encoding="utf-8")
    (folder / "notes.md").write_text("---\ntitle: Notes\n---\nNot meant for the site.\n", encoding="utf-8")
    (folder / "notes.txt").write_text("Not meant for the site.\n", encoding="utf-8")
    (folder / "_data" / "notices.yml").write_text('- plugin: "bare\n  text: [\n', encoding="utf-8")
    (folder / "_data" / "blocklist.yml").write_bytes(b"- plugin: caf\xe9\n")
    return build(folder)


def test_what_lies_outside_of_pages_and_assets_neither_stops_the_build_nor_is_published(built: Built) -> None:
    assert "<h1>" in built.plugin("bare")
    names = {path.name for path in built.site.iterdir()}
    assert {"plugins", "help", "assets"} <= names
    assert not names & {"README", "registrations", "tests", "2020", "notes", "notes.txt"}


def test_hand_written_data_that_cannot_be_read_are_as_good_as_none(built: Built) -> None:
    assert "_data/notices.yml is left out: " in built.output
    assert "_data/blocklist.yml is left out: " in built.output
    assert '<article class="notice">' not in built.text("notices/index.html")
