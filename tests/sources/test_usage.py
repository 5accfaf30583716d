"""Usage exports: what they tell, and when they are not believed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.facts.model import Fact, Missing, SourceRun
from registry.facts.state import State
from registry.net.http import Overloaded
from registry.sources import usage
from tests.support.builders import NOW, fact

ENTRY = {"instances": 7, "install_events": 2, "uninstall_events": 1, "versions": {"1.0": {"instances": 6}}}


def export(plugins: Mapping[str, Any], generated: Any = "2026-05-01T05:00:00Z") -> bytes:
    return json.dumps(
        {"_since": "2026-04-24T05:00:00Z", "_generated": generated, "plugins": plugins}
    ).encode()


def collect(raw: bytes, ids: list[str], known: State | None = None) -> SourceRun:
    return usage.collect(
        "usage_week", "https://stats.example/week", ids, known or State(), NOW, lambda _: raw
    )


def test_figures_are_found_by_id_whatever_its_case() -> None:
    run = collect(export({"gpx": ENTRY}), ["GPX"])
    found = run.found["GPX"]
    assert isinstance(found, Fact)
    assert found.data == {
        "instances": 7,
        "install_events": 2,
        "uninstall_events": 1,
        "versions": {"1.0": 6},
    }
    assert found.as_of == datetime(2026, 5, 1, 5, 0, tzinfo=UTC)
    assert found.fetched_at == NOW
    assert run.trouble == ""


def test_a_plugin_that_the_export_does_not_list_has_zeros() -> None:
    found = collect(export({"gpx": ENTRY}), ["other"]).found["other"]
    assert isinstance(found, Fact)
    assert found.data == {"instances": 0, "install_events": 0, "uninstall_events": 0, "versions": {}}


def test_an_export_that_is_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "week.json"
    path.write_bytes(export({"gpx": ENTRY}))
    run = usage.collect("usage_week", str(path), ["GPX"], State(), NOW, lambda _: b"")
    assert isinstance(run.found["GPX"], Fact)


def test_an_export_that_is_not_there_gives_nothing_and_says_so(tmp_path: Path) -> None:
    run = usage.collect("usage_week", str(tmp_path / "none.json"), ["GPX"], State(), NOW, lambda _: b"")
    assert run.found == {}
    assert run.trouble.endswith("none.json: No such file or directory")
    assert run.asked


def test_no_export_set_is_nobodys_failure() -> None:
    run = usage.collect("usage_week", None, ["GPX"], State(), NOW, lambda _: b"")
    assert (run.found, run.asked, run.trouble) == ({}, False, "no export is set")


def test_a_dead_host_gives_nothing_and_says_so() -> None:
    def dead(_: str) -> bytes:
        raise Overloaded("answered 503")

    run = usage.collect("usage_week", "https://stats.example/week", ["a"], State(), NOW, dead)
    assert (run.found, run.trouble) == ({}, "https://stats.example/week: answered 503")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"<html>502 Bad Gateway</html>", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b'{"plugins": {"a": ' + b"[" * 100_000, "is not JSON that can be read: it is nested too deeply"),
        (b'{"_generated": ' + b"1" * 5_000 + b"}", "is not JSON: Exceeds the limit"),
        (b"[]", "has no object `plugins`"),
        (b"null", "has no object `plugins`"),
        (b'{"plugins": []}', "has no object `plugins`"),
        (export({"a": ENTRY})[:-20], "is not JSON: Expecting"),
    ],
    ids=range(8),
)
def test_what_is_no_export_gives_nothing(raw: bytes, why: str) -> None:
    run = collect(raw, ["a"])
    assert run.found == {}
    assert run.trouble.startswith(f"https://stats.example/week: {why}")


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {"instances": -1},
        {"instances": "7"},
        {"instances": 1.5},
        {"instances": True},
        {"instances": 10**30},
        {"versions": []},
        {"versions": {"1.0": {"instances": None}}},
    ],
)
def test_one_unreadable_entry_does_not_touch_the_others(entry: Any) -> None:
    run = collect(export({"good": ENTRY, "bad": entry}), ["good", "bad"])
    assert isinstance(run.found["good"], Fact)
    assert isinstance(run.found["bad"], Missing)
    assert run.trouble == "https://stats.example/week: unreadable figures of bad"


def test_versions_are_bounded_and_the_most_used_stay() -> None:
    versions = {f"0.{n}": {"instances": n} for n in range(usage.MAX_VERSIONS + 100)}
    parsed = usage.parse_entry({"versions": versions})["versions"]
    assert len(parsed) == usage.MAX_VERSIONS
    assert min(parsed.values()) == 100


@pytest.mark.parametrize(
    ("generated", "as_of"),
    [
        ("2026-04-30T12:00:00+02:00", datetime(2026, 4, 30, 10, 0, tzinfo=UTC)),
        (1777500000, datetime.fromtimestamp(1777500000, UTC)),
        (1777500000000, datetime.fromtimestamp(1777500000, UTC)),
        ("2099-01-01T00:00:00Z", NOW),
        ("yesterday", NOW),
        (None, NOW),
        (1e300, NOW),
        ({}, NOW),
    ],
)
def test_the_time_of_an_export(generated: Any, as_of: datetime) -> None:
    assert usage.parse_export(export({}, generated), NOW)[0] == as_of


def known(count: int, *, at: datetime = NOW - timedelta(hours=2)) -> State:
    return State(
        plugins={f"p{n}": {"usage_week": fact({"instances": 5}, at=at)} for n in range(count)},
        listed=tuple(f"p{n}" for n in range(count)),
    )


def test_an_export_older_than_what_is_known_is_not_believed() -> None:
    run = collect(export({"p0": ENTRY}, "2025-01-01T00:00:00Z"), ["p0"], known(1))
    assert run.found == {}
    assert "is of 2025-01-01 00:00 UTC, older than the figures known already" in run.trouble


def test_an_export_that_lost_everything_is_not_believed() -> None:
    run = collect(export({}), ["p0"], known(1))
    assert run.found == {}
    assert "lists no plugin at all" in run.trouble


def test_an_export_that_lost_half_of_many_plugins_is_not_believed() -> None:
    run = collect(export({f"p{n}": ENTRY for n in range(40)}), ["p0"], known(100))
    assert run.found == {}
    assert "lists 40 of 100 plugins that had users: not believed" in run.trouble


def test_an_export_that_knows_half_of_many_plugins_is_believed() -> None:
    run = collect(export({f"p{n}": ENTRY for n in range(50)}), ["p0"], known(100))
    assert isinstance(run.found["p0"], Fact)


def test_a_single_plugin_may_lose_all_its_users() -> None:
    run = collect(export({f"p{n}": ENTRY for n in range(99)}), ["p99"], known(100))
    found = run.found["p99"]
    assert isinstance(found, Fact)
    assert found.data["instances"] == 0
