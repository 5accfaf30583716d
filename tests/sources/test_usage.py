"""Usage exports: what they tell, and when they are not believed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.facts.model import Fact, Kind, Missing, SourceRun
from registry.facts.state import State, learn
from registry.net.http import Overloaded
from registry.sources import usage
from registry.sources.usage_belief import Belief
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
        ("2026-05-02T05:00:00Z", NOW),
        ("yesterday", NOW),
        (None, NOW),
        (1e300, NOW),
        ({}, NOW),
    ],
)
def test_the_time_of_an_export(generated: Any, as_of: datetime) -> None:
    assert usage.parse_export(export({}, generated), NOW)[0] == as_of


@pytest.mark.parametrize("generated", ["2099-01-01T00:00:00Z", "2026-05-02T06:00:01Z", 4_100_000_000])
def test_an_export_of_a_time_to_come_is_not_believed(generated: Any) -> None:
    run = collect(export({"p0": ENTRY}, generated), ["p0"])
    assert run.found == {}
    assert "UTC, which is yet to come; set the clock of its host, or ours" in run.trouble


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


def test_figures_of_a_time_to_come_make_no_export_old() -> None:
    run = collect(export({"p0": ENTRY}), ["p0"], known(1, at=NOW + timedelta(days=900)))
    assert isinstance(run.found["p0"], Fact)


def test_an_entry_that_is_nested_deeply_is_one_plugin_s_fault() -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    run = collect(export({"good": ENTRY, "bad": {"instances": deep}}), ["good", "bad"])
    assert run.found["bad"] == Missing(reason="usage export: a list is no count")
    assert isinstance(run.found["good"], Fact)


def test_an_export_that_swells_when_it_is_read_is_refused_before() -> None:
    run = collect(b'{"plugins": {"a": [' + b"[]," * 300_000 + b"0]}}", ["a"])
    assert run.trouble == "https://stats.example/week: takes more than 64 MB of memory when it is read"


# Belief


def counts(**instances: int) -> bytes:
    return export({name: {"instances": count} for name, count in instances.items()})


def believing(**instances: int) -> State:
    at = NOW - timedelta(hours=12)
    plugins: dict[str, Any] = {
        name: {"usage_week": fact({"instances": count}, at=at)} for name, count in instances.items()
    }
    return State(plugins=plugins, listed=tuple(instances))


SINCE = NOW - timedelta(days=3)
LAST = {"a": 300_000, "b": 200_000, "c": 16_209}


URL = "https://stats.example/week"


def judged(raw: bytes, state: State, **more: Any) -> SourceRun:
    return usage.collect("usage_week", URL, ["a", "b", "c"], state, NOW, lambda _: raw, **more)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (
            export({"a": {}, "b": {}, "c": {}}),
            "counts no installation of any plugin, 516,209 were believed last",
        ),
        (counts(a=0, b=0, c=0), "counts no installation of any plugin, 516,209 were believed last"),
        (export({}), "lists no plugin at all"),
        (counts(z=999_999), "counts no installation of any plugin, 516,209 were believed last"),
        (
            counts(a=3_000_000, b=2_000_000, c=162_090),
            "counts 5,162,090 installations, 516,209 were believed last, and 0.5 to 2 times as many can be",
        ),
        (
            counts(a=30_000, b=20_000, c=1_621),
            "counts 51,621 installations, 516,209 were believed last, and 0.5 to 2 times as many can be",
        ),
        (export({"a": {"instances": "300000"}, "b": None, "c": []}), "counts no installation of any plugin"),
    ],
)
def test_an_export_that_cannot_be_true_is_doubted_and_said(raw: bytes, why: str) -> None:
    run = judged(raw, believing(**LAST))
    assert (run.found, run.doubted, run.errors) == ({}, True, ())
    assert run.trouble.startswith(f"https://stats.example/week: {why}")
    assert run.trouble.endswith(
        ": not believed before 2026-05-08 unless it agrees again; --accept-usage believes it at once"
    )


@pytest.mark.parametrize(
    "raw",
    [
        counts(a=600_000, b=400_000, c=32_418),
        counts(a=150_000, b=100_000, c=8_105),
        counts(a=500_000, b=1, c=0),
        counts(a=300_000, b=200_000, c=16_209, new=90_000_000),
    ],
)
def test_an_export_from_half_to_twice_as_many_is_believed(raw: bytes) -> None:
    run = judged(raw, replace(believing(**LAST), doubted_since={"usage_week": SINCE}))
    assert len(run.found) == 3
    assert (run.doubted, run.trouble, run.errors) == (False, "", ())


def test_a_doubt_of_seven_days_is_believed_with_an_error() -> None:
    state = replace(believing(**LAST), doubted_since={"usage_week": NOW - timedelta(days=6, hours=23)})
    assert judged(counts(a=10), state).doubted
    state = replace(state, doubted_since={"usage_week": NOW - timedelta(days=7)})
    run = judged(counts(a=10), state)
    assert len(run.found) == 3
    assert (run.doubted, run.trouble) == (False, "")
    [words] = run.errors
    assert words == (
        "usage_week: https://stats.example/week: counts 10 installations, 516,209 were believed last, and "
        "0.5 to 2 times as many can be; it has been so since 2026-04-24, so it is believed now"
    )


def test_a_doubt_that_began_in_a_time_to_come_begins_now() -> None:
    state = replace(believing(**LAST), doubted_since={"usage_week": NOW + timedelta(days=900)})
    run = judged(counts(a=10), state)
    assert "not believed before 2026-05-08" in run.trouble
    assert learn(state, (run,), NOW).doubted_since == {"usage_week": NOW}


def test_what_is_accepted_is_believed_at_once() -> None:
    run = judged(counts(a=1), believing(**LAST), belief=Belief(accept=True))
    assert (len(run.found), run.trouble, run.errors) == (3, "", ())
    assert len(judged(export({}), State(), belief=Belief(accept=True)).found) == 3


def test_the_settings_say_how_much_and_how_long() -> None:
    raw = counts(a=900_000, b=600_000, c=48_627)
    assert judged(raw, believing(**LAST)).doubted
    assert not judged(raw, believing(**LAST), belief=Belief(factor=3)).doubted
    state = replace(believing(**LAST), doubted_since={"usage_week": NOW - timedelta(days=1)})
    assert judged(raw, state, belief=Belief(days=1)).errors


@pytest.mark.parametrize("raw", [export({}), export({"a": {}}), counts(a=0, b=0)])
def test_a_first_export_without_any_installation_is_a_failed_source(raw: bytes) -> None:
    for state in (State(), believing_years_ago()):
        run = judged(raw, state)
        assert (run.found, run.doubted) == ({}, False)
        assert run.trouble == "https://stats.example/week: counts no installation of any plugin"


def believing_years_ago() -> State:
    at = datetime(2020, 7, 24, tzinfo=UTC)
    plugins: dict[str, Any] = {name: {"usage_week": fact({"instances": 9}, at=at)} for name in LAST}
    return State(plugins=plugins)


def test_a_first_export_is_believed_and_so_is_one_after_a_baseline_of_years_ago() -> None:
    for state in (State(), believing_years_ago()):
        assert len(judged(counts(a=300_000, b=1), state).found) == 3


@pytest.mark.parametrize(("before", "after"), [(3, 12), (30, 50), (0, 500), (25, 5)])
def test_a_few_installations_jump_by_nature(before: int, after: int) -> None:
    assert not judged(counts(a=after), believing(a=before)).doubted


@pytest.mark.parametrize(("before", "after"), [(7, 70), (25, 0), (3, 0), (30, 61)])
def test_many_more_or_none_at_all_are_doubted_in_a_small_registry_too(before: int, after: int) -> None:
    assert judged(counts(a=after), believing(a=before)).doubted


def test_plugins_that_come_and_go_change_no_belief() -> None:
    state = believing(**LAST, gone=9_000_000)
    for everyone in (["a", "b", "c"], ["a", "b", "c", "new"]):
        assert not judged(counts(**LAST, new=8_000_000), state, everyone=everyone).doubted


def test_where_one_plugin_is_asked_for_all_decide() -> None:
    collected = usage.collect(
        "usage_week",
        "https://stats.example/week",
        ["c"],
        believing(**LAST),
        NOW,
        lambda _: counts(a=300_000, b=200_000, c=90_000),
        everyone=list(LAST),
    )
    assert set(collected.found) == {"c"}


def test_good_and_bad_exports_in_turn_never_make_a_bad_one_believed() -> None:
    state, now = believing(**LAST), NOW
    for day in range(20):
        now = NOW + timedelta(days=day)
        for bad in (True, False):
            raw = json.dumps(
                {
                    "_generated": now.isoformat(),
                    "plugins": {name: {"instances": 0 if bad else count} for name, count in LAST.items()},
                }
            ).encode()
            run = usage.collect("usage_week", URL, list(LAST), state, now, lambda _, raw=raw: raw)
            assert (run.doubted, run.errors) == (bad, ())
            state = learn(state, (run,), now)
            assert bool(state.doubted_since) == bad


def test_a_failed_source_neither_begins_nor_ends_a_doubt() -> None:
    state = replace(believing(**LAST), doubted_since={"usage_week": SINCE})
    failed = usage.collect("usage_week", URL, list(LAST), state, NOW, lambda _: b"<html>")
    assert learn(state, (failed,), NOW).doubted_since == {"usage_week": SINCE}


def test_week_and_month_are_taken_over_together_or_not_at_all() -> None:
    good, bad = judged(counts(**LAST), believing(**LAST)), judged(counts(a=1), believing(**LAST))
    month, doubted = replace(good, kind="usage_month"), replace(bad, kind="usage_month")
    assert usage.together(good, month) == (good, month)
    held, same = usage.together(good, doubted)
    assert same == doubted
    assert (held.found, held.doubted) == ({}, False)
    assert held.trouble == "not taken over while the export of usage_month is not believed"
    same, held = usage.together(bad, month)
    assert (same, held.found) == (bad, {})
    assert usage.together(bad, doubted) == (bad, doubted)
    failed = SourceRun(kind="usage_month", found={}, trouble="answered 503")
    assert usage.together(good, failed) == (good, failed)


MANY = {f"p{number}": 1_000 for number in range(40)}


def reading(state: State, now: datetime = NOW, kind: Kind = "usage_week", **counted: int) -> SourceRun:
    raw = json.dumps(
        {"_generated": now.isoformat(), "plugins": {name: {"instances": n} for name, n in counted.items()}}
    ).encode()
    return usage.collect(kind, URL, list(MANY), state, now, lambda _: raw)


def test_one_plugin_that_is_counted_a_thousand_million_times_holds_back_its_own_figures_alone() -> None:
    state = believing(**MANY)
    run = reading(state, **{**MANY, "p3": 10**9, "p4": 1_100})
    words = (
        "counts 1,000,000,000 installations of p3, 1,000 were believed last: that is not believed before "
        "2026-05-07 unless it agrees again; --accept-usage believes it at once"
    )
    assert (run.doubted, run.trouble, run.errors) == (False, "", (f"usage_week: {URL}: {words}",))
    assert run.found["p3"] == Missing(reason=f"usage export: {words}")
    after = learn(state, (run,), NOW)
    assert after.plugins["p3"]["usage_week"].data["instances"] == 1_000
    assert after.plugins["p4"]["usage_week"].data["instances"] == 1_100


def test_figures_of_one_plugin_that_stay_so_for_seven_days_are_believed_with_an_error() -> None:
    state, counted = believing(**MANY), {**MANY, "p3": 10**9}
    for day in range(9):
        now = NOW + timedelta(days=day)
        run = reading(state, now, **counted)
        state = learn(state, (run,), now)
        is_new = state.plugins["p3"]["usage_week"].data["instances"] == 10**9
        assert (is_new, bool(run.errors)) == (day >= 7, day <= 7)
        if day == 7:
            assert run.errors[0].endswith(
                "1,000 were believed last: they stood for 7 days, so it is believed now"
            )
    assert not reading(state, now, **MANY).doubted  # it goes back, and costs the others nothing again


def test_more_than_a_few_such_plugins_make_the_whole_doubtful() -> None:
    for many, is_doubted in ((2, False), (3, True)):
        counted = {**MANY, **{f"p{number}": 10**9 for number in range(many)}}
        assert reading(believing(**MANY), **counted).doubted == is_doubted


def test_one_of_two_plugins_is_no_stray() -> None:
    run = usage.collect(
        "usage_week", URL, ["a", "b"], believing(a=1_000, b=1_000), NOW, lambda _: counts(a=10**9, b=1_000)
    )
    assert run.doubted


def test_both_windows_of_such_a_plugin_are_held_back() -> None:
    week = reading(believing(**MANY), **{**MANY, "p3": 10**9})
    month = replace(reading(believing(**MANY), **MANY), kind="usage_month")
    for run in (*usage.together(week, month), *usage.together(month, week)):
        assert isinstance(run.found["p3"], Missing)
        assert isinstance(run.found["p4"], Fact)


def test_figures_of_a_time_to_come_hold_no_plugin_back_for_ever() -> None:
    state = believing(**MANY)
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    odd = {"p3": {"usage_week": fact({"instances": 1_000}, at=last)}}
    run = reading(replace(state, plugins={**state.plugins, **odd}), **{**MANY, "p3": 10**9})
    assert isinstance(run.found["p3"], Fact)
    assert run.errors[0].endswith("1,000 were believed last: they stood for 7 days, so it is believed now")
