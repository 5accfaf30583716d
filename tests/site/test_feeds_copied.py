"""The feeds that Python wrote, brought into the site as a whole."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.site.builder import DATA, Built, build, make_source

pytestmark = pytest.mark.xdist_group("site")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a source folder with one plugin and a few feeds."""
    plugins = make_source(tmp_path)
    shutil.copy(DATA / "plugins" / "bare.md", plugins)
    for name in ("plugins.json", "api/v1/plugins/bare.json", "badges/bare/usage.svg"):
        path = tmp_path / "build/feeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"of {name}", encoding="utf-8")
    return tmp_path


def feeds_in(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for top in ("plugins.json", "api", "badges", "extra")
        for path in sorted([folder / top, *(folder / top).rglob("*")])
        if path.is_file()
    }


def same(built: Built) -> None:
    assert feeds_in(built.site) == feeds_in(built.source / "build/feeds")


def test_every_feed_is_in_the_site_as_it_was_written(source: Path) -> None:
    built = build(source)
    same(built)
    assert len(feeds_in(built.site)) == 3
    assert "Conflict" not in built.output


def test_a_second_build_brings_what_changed_and_takes_away_what_went(source: Path) -> None:
    first = build(source)
    kept = first.site / "plugins.json"
    inode = kept.stat().st_ino
    feeds = source / "build/feeds"
    shutil.rmtree(feeds / "badges")
    (feeds / "api/v1/plugins/bare.json").unlink()
    (feeds / "api/v1/plugins/bare.json").write_text("anew", encoding="utf-8")
    (feeds / "extra").mkdir()
    (feeds / "extra/new.json").write_text("new", encoding="utf-8")
    built = build(source)
    same(built)
    assert kept.stat().st_ino == inode
    assert not (built.site / "badges").exists()


def test_without_feeds_what_was_brought_goes(source: Path) -> None:
    build(source)
    shutil.rmtree(source / "build/feeds")
    assert feeds_in(build(source).site) == {}


def test_symbolic_links_are_neither_followed_nor_brought(source: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.json").write_text("secret", encoding="utf-8")
    feeds = source / "build/feeds"
    (feeds / "key.json").symlink_to(secret / "key.json")
    (feeds / "folder").symlink_to(secret)
    built = build(source)
    assert not os.path.lexists(built.site / "key.json")
    assert not os.path.lexists(built.site / "folder")


def test_a_link_in_the_site_is_replaced_and_not_written_through(source: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "bare").mkdir(parents=True)
    victim = tmp_path / "victim.json"
    victim.write_text("untouched", encoding="utf-8")
    site = source / "_site"
    site.mkdir()
    (site / "badges").symlink_to(outside)
    (site / "plugins.json").symlink_to(victim)
    same(build(source))
    assert victim.read_text(encoding="utf-8") == "untouched"
    assert list((outside / "bare").iterdir()) == []
    assert not (site / "badges").is_symlink()


@pytest.mark.parametrize("builds", [1, 2])
def test_a_page_where_a_feed_belongs_is_told_and_gives_way(source: Path, builds: int) -> None:
    page = source / "pages/mine.html"
    written = feeds_in(source / "build/feeds")
    for number in range(builds):
        if number == builds - 1:  # at last, when the feed lies in the site already
            page.write_text(
                "---\nlayout: page\ntitle: x\npermalink: /plugins.json\n---\nmine", encoding="utf-8"
            )
        built = build(source)
    assert "Conflict: pages/mine.html would be written to" in " ".join(built.output.split())
    assert feeds_in(source / "build/feeds") == written
    same(built)


def test_where_no_link_can_be_made_the_feeds_are_copied(source: Path) -> None:
    (source / "_jekyll/aa_no_links.rb").write_text(
        "class << File\n  def link(*) = raise(Errno::EPERM)\nend\n", encoding="utf-8"
    )
    built = build(source)
    same(built)
    assert (built.site / "plugins.json").stat().st_nlink == 1
    (source / "build/feeds/plugins.json").write_text("anew", encoding="utf-8")
    same(build(source))


def test_a_build_that_watches_goes_on_with_the_feeds(source: Path) -> None:
    script = source / "twice.rb"
    script.write_text(
        'require "jekyll"\n'
        'options = {"config" => %w(_config.yml build/_jekyll.yml)}\n'
        "site = Jekyll::Site.new(Jekyll.configuration(options))\n"
        "site.process\n"
        'File.delete("build/feeds/plugins.json")\n'
        'File.write("build/feeds/plugins.json", "anew")\n'
        "site.process\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "JEKYLL_NO_BUNDLER_REQUIRE": "true", "LANG": "C.UTF-8"}
    subprocess.run(["ruby", script.name], cwd=source, env=environment, check=True, timeout=120)
    assert (source / "_site/plugins.json").read_text(encoding="utf-8") == "anew"
    same(Built(source=source, site=source / "_site", output=""))
