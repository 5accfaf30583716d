"""Acceptance: OctoPrint's own plugin manager reads our feeds, and has nothing to say against them."""

import json
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

import build_api
from registry.host.notices_and_blocklist import ABANDONED
from tests.support.real_client import (
    ROOT,
    STUB_VERSION,
    ClientError,
    Look,
    Reads,
    browse_client,
    octoprint_python,
    run_client,
)

# One worker starts it (`--dist loadgroup`).
pytestmark = [pytest.mark.site, pytest.mark.xdist_group("octoprint")]
FIXTURES = ROOT / "tests/data/feeds"
SETS = {"hostile": FIXTURES, "ours": ROOT}
"""Folders with `_config.yml`, registrations and hand-written data."""


def build(out: Path, registry: Path) -> Path:
    """Return the folder of feeds of the registry in the folder `registry`."""
    prefix = "_" if registry == ROOT else ""
    arguments = ["--config", str(registry / "_config.yml"), "--out", str(out)]
    arguments += ["--plugins", str(registry / f"{prefix}plugins"), "--data", str(registry / f"{prefix}data")]
    assert build_api.main(arguments) == 0
    return out


def feed(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_bytes())


@pytest.fixture(scope="module", params=list(SETS))
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Reads]:
    """The feeds of a set of registrations, and what OctoPrint made of them."""
    folder = tmp_path_factory.mktemp(request.param)
    feeds = build(folder / "feeds", SETS[request.param])
    return feeds, run_client(feeds, folder / "octoprint")


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Look]:
    """The feeds of the hostile set, and what a browser shows of them."""
    folder = tmp_path_factory.mktemp("look")
    feeds = build(folder / "feeds", SETS["hostile"])
    return feeds, browse_client(feeds, folder / "octoprint")


def applies(entry: dict[str, Any], reads: Reads) -> bool:
    """Tell whether a block or notice is meant for the OctoPrint that read it."""
    pythons = entry.get("pythonversions", [""])
    return fits(entry.get("octoversions", []), reads) and SpecifierSet(pythons[0]).contains(reads.versions[1])


def fits(versions: list[str], reads: Reads) -> bool:
    """Tell whether the OctoPrint that read it is among `versions`; none means all."""
    ranges = [text if text[0] in "<>=!~" else f">={text}" for text in versions]
    return not ranges or any(SpecifierSet(text).contains(reads.versions[0]) for text in ranges)


def test_the_client_is_the_octoprint_that_the_facts_speak_of(read: tuple[Path, Reads]) -> None:
    assert read[1].versions[0].startswith("1.11.")


def test_every_plugin_is_listed_as_the_feed_has_it(read: tuple[Path, Reads]) -> None:
    feeds, reads = read
    entries = feed(feeds, "plugins.json")
    assert reads.repository["available"] is True
    assert reads.ids == sorted(entry["id"] for entry in entries)
    for entry, seen in zip(entries, reads.repository["plugins"], strict=True):
        assert {key: seen[key] for key in entry if key != "attributes"} == {
            key: value for key, value in entry.items() if key != "attributes"
        }
        added = ["abandoned"] if entry["abandoned"] else []
        assert seen["attributes"] == entry["attributes"] + added


def test_compatibility_is_worked_out_for_every_plugin(read: tuple[Path, Reads]) -> None:
    reads = read[1]
    for seen in reads.repository["plugins"]:
        python = SpecifierSet(seen["compatibility"]["python"]).contains(reads.versions[1])
        assert seen["is_compatible"]["python"] is python
        systems = [name for name in seen["compatibility"]["os"] if not name.startswith("!")]
        assert seen["is_compatible"]["os"] is (not systems or "linux" in systems)
        assert seen["is_compatible"]["octoprint"] is fits(seen["compatibility"]["octoprint"], reads)


def test_every_notice_is_accepted(read: tuple[Path, Reads]) -> None:
    feeds, reads = read
    key = lambda notice: (notice["plugin"], notice["date"])  # noqa: E731
    assert sorted(reads.notices, key=key) == sorted(feed(feeds, "notices.json"), key=key)


def test_a_notice_reaches_those_whom_it_is_for(read: tuple[Path, Reads]) -> None:
    feeds, reads = read
    expected: dict[str, set[str]] = {}
    for notice in feed(feeds, "notices.json"):
        versions = notice.get("pluginversions") or notice.get("versions") or [STUB_VERSION]
        ranges = [text for text in versions if text[0] in "<>=!~"]
        named = STUB_VERSION in versions or any(SpecifierSet(text).contains(STUB_VERSION) for text in ranges)
        if named and applies(notice, reads):
            expected.setdefault(notice["plugin"], set()).add(notice["text"])
    seen = {
        key: {notice["text"] for notice in plugin["notifications"]}
        for key, plugin in reads.installed.items()
        if plugin["notifications"]
    }
    assert seen == expected
    assert expected


def test_every_block_is_accepted(read: tuple[Path, Reads]) -> None:
    feeds, reads = read
    expected = []
    for entry in feed(feeds, "blocklist.json"):
        specifiers = entry.get("pluginversions") or [f"=={text}" for text in entry.get("versions", ())]
        if applies(entry, reads):
            expected += [[entry["plugin"], str(SpecifierSet(text))] for text in specifiers or [""]]
    assert sorted(reads.blocked) == sorted(expected)
    assert expected


def test_a_blocked_plugin_is_not_loaded(read: tuple[Path, Reads]) -> None:
    reads = read[1]
    hit = {name for name, text in reads.blocked if SpecifierSet(text).contains(STUB_VERSION)}
    assert {key for key, plugin in reads.installed.items() if plugin["blacklisted"]} == hit


def test_every_overlay_is_laid_over_the_plugins_own_check(read: tuple[Path, Reads]) -> None:
    feeds, reads = read
    overlays = feed(feeds, "update_check_overlay.json")
    assert reads.checks["overlays"] == overlays
    for key, overlay in overlays.items():
        if key in reads.checks["checks"] and key != "octoprint":
            check = reads.checks["checks"][key]
            assert {name: check[name] for name in overlay} == overlay
    assert reads.checks["checks"]["octoprint"]["user"] == "OctoPrint"


def test_on_python_2_a_plugin_that_excludes_it_is_neither_offered_nor_updated(
    read: tuple[Path, Reads],
) -> None:
    feeds, reads = read
    stopped = {
        key
        for key, overlay in feed(feeds, "update_check_overlay_py2.json").items()
        if overlay == {"compatible": False, "disabled": True}
    }
    loaded = {key for key in reads.installed if key in stopped and not reads.installed[key]["blacklisted"]}
    assert loaded
    for key in loaded:
        update = reads.updates_py2[key]
        assert (update["disabled"], update["compatible"], update["updatePossible"]) == (True, False, False)
    for key in set(reads.updates_py2) - stopped:
        assert reads.updates_py2[key]["disabled"] is False


def test_the_news_are_read(read: tuple[Path, Reads]) -> None:
    feeds, reads = read
    newest = sorted(feed(feeds, "plugins.json"), key=lambda e: (e["published"], e["id"]), reverse=True)[:30]
    assert [item["link"].split("?")[0] for item in reads.news] == [entry["page"] for entry in newest]
    assert all(item["title"] and item["summary"] and item["published"] for item in reads.news)
    assert not any("<" in item["title"] or "<" in item["summary"] for item in reads.news)


def test_nothing_but_our_feeds_is_asked_for(read: tuple[Path, Reads]) -> None:
    assert set(read[1].requests) == {
        "/plugins.json",
        "/notices.json",
        "/blacklist.json",
        "/update_check_overlay.json",
        "/update_check_overlay_py2.json",
        "/feed.xml",
    }


def test_the_log_holds_no_complaint(read: tuple[Path, Reads]) -> None:
    assert read[1].complaints() == []


def test_the_browser_shows_and_sorts_every_plugin(look: tuple[Path, Look]) -> None:
    feeds, seen = look
    entries = feed(feeds, "plugins.json")
    for order, ids in seen.sorted.items():
        assert sorted(ids) == sorted(entry["id"] for entry in entries), order
    assert sorted(seen.shown) == sorted(entry["title"] for entry in entries)
    assert seen.sorted["popularity"][0] == "Known"
    assert seen.sorted["published"][0] == "hostile"
    assert seen.found == ["Known"]


def test_no_feed_brings_an_element_or_a_script_into_the_page(look: tuple[Path, Look]) -> None:
    _, seen = look
    assert seen.foreign == 0
    assert all(address.startswith(("http://", "https://")) for address in seen.addresses)
    hostile = 'Old & <b onclick="alert(1)">bold</b>: "Read more..."'
    notices = {notice["text"]: notice for notice in seen.notices}  # the page may have shown them before
    assert set(notices) == {hostile, "For everybody.", "For some versions.", ABANDONED}
    assert notices[hostile]["links"] == ["https://example.org/?a=%27onmouseover=%27alert(1)"]
    assert notices[ABANDONED]["links"] == ["https://github.com/example/registry/issues/7"]
    assert [notice["foreign"] for notice in notices.values()] == [0, 0, 0, 0]
    assert seen.errors == []


def test_a_missing_octoprint_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTOPRINT_PYTHON", str(tmp_path / "python"))
    with pytest.raises(ClientError) as caught:
        octoprint_python()
    assert str(caught.value) == (
        f"there is no OctoPrint at {tmp_path / 'python'}: `make test` installs it "
        "(requirements-octoprint.txt), or OCTOPRINT_PYTHON names a Python that has it"
    )
