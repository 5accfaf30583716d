"""The state: what is learned stays, what cannot be read is refused whole."""

import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.facts.model import Fact, Missing, SourceRun
from registry.facts.state import (
    NewerStateError,
    State,
    StateError,
    dump_state,
    expected,
    learn,
    over,
    parse_state,
    publish,
    read_state,
    write_state,
)

NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
OLD = NOW - timedelta(days=10)


def github(stars: int, at: datetime = OLD) -> Fact:
    return Fact(fetched_at=at, as_of=at, source="github", data={"repo": "o/n", "stars": stars})


def run(found: dict[str, Fact | Missing]) -> SourceRun:
    return SourceRun(kind="github", found=found)


def test_state_comes_back_as_it_was_written(tmp_path: Path) -> None:
    state = State(
        plugins={
            "a": {
                "github": github(3),
                "usage_week": Fact(
                    fetched_at=NOW, as_of=OLD, source="export", data={"instances": 1, "versions": {"0.1": 1}}
                ),
            },
            "gone": {"github": Fact(fetched_at=NOW, as_of=OLD, source="github", data={}, gone_since=NOW)},
        },
        listed=("a",),
        registrations="_plugins",
        unlisted_since={"gone": NOW},
        generated_at=NOW,
    )
    path = tmp_path / "deep" / "state.json"
    assert write_state(path, state)
    assert read_state(path) == state
    assert not write_state(path, state), "the same state is the same bytes"
    assert [entry.name for entry in path.parent.iterdir()] == ["state.json"]


def test_the_same_state_is_the_same_bytes_whatever_the_order() -> None:
    one = State(plugins={"a": {"github": github(1)}, "b": {"github": github(2)}}, generated_at=NOW)
    other = State(plugins={"b": {"github": github(2)}, "a": {"github": github(1)}}, generated_at=NOW)
    assert dump_state(one) == dump_state(other)


def good() -> dict[str, Any]:
    fact = {"fetched_at": "2026-01-01T00:00:00Z", "source": "github", "data": {"repo": "o/n", "stars": 1}}
    return {"schema_version": 1, "listed": ["a"], "plugins": {"a": {"github": fact}}}


def abandonment(**changes: Any) -> dict[str, Any]:
    data = {"url": "https://github.com/o/n/issues/7", "created_at": "2020-09-03 10:11:12 +0000", **changes}
    return {"fetched_at": "2026-01-01T00:00:00Z", "source": "github", "data": data}


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def spoil(path: str, value: Any) -> bytes:
    content = good()
    place = content
    *parents, last = path.split("/")
    for key in parents:
        place = place[key]
    place[last] = value
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"schema_version": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps(good()).encode("utf-16"),
        b"\xef\xbb\xbf" + json.dumps(good()).encode(),
        spoil("schema_version", 0),
        spoil("schema_version", 3),
        spoil("extra", 1),
        spoil("listed", ["../../etc"]),
        spoil("plugins/..", {}),
        spoil("plugins/a/github/fetched_at", "yesterday"),
        spoil("plugins/a/github/fetched_at", "2026-13-01T00:00:00Z"),
        spoil("plugins/a/github/source", ""),
        spoil("plugins/a/github/data/stars", -1),
        spoil("plugins/a/github/data/stars", 1.5),
        spoil("plugins/a/github/data/stars", True),
        spoil("plugins/a/github/data/stars", 10**4_000),
        json.dumps(good()).encode().replace(b'"stars": 1', b'"stars": ' + b"9" * 5_000),
        json.dumps(good()).encode().replace(b'"stars": 1', b'"stars": 1e999'),
        json.dumps(good()).encode().replace(b"o/n", rb"o/\ud800"),
        json.dumps(good()).encode().replace(b"o/n", b"o/\xed\xa0\x80"),
        spoil("registrations", "\ud800"),
        spoil("plugins/\ud800", {}),
        spoil("plugins/a/github/data/topics", nested(400)),
        spoil("plugins/a/usage_week", {**abandonment(), "data": {"versions": nested(400)}}),
        spoil("plugins/a/github/data/html", "<b>"),
        spoil("plugins/a/github/data/repo", "../../user?x="),
        spoil("plugins/a/github/data/latest_release_url", "javascript:alert(1)"),
        spoil("plugins/a/unknown_source", {}),
        spoil("plugins/a/github/data/stars", json.loads("[" * 400 + "]" * 400)),
    ],
)
def test_a_state_that_does_not_fit_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(StateError, match=r"^state: "):
        parse_state(raw, "state")


def test_a_state_of_a_newer_almanac_is_refused_with_what_reads_it() -> None:
    with pytest.raises(NewerStateError) as caught:
        parse_state(b'{"schema_version": 3, "everything": "is new"}', "build/state.json")
    assert str(caught.value) == (
        "build/state.json: is of schema_version 3, and this Almanac reads 2: a newer one wrote it; update "
        "the checkout (git pull)"
    )


@pytest.mark.parametrize("version", [True, "2", 2.5, None, [2]])
def test_what_is_no_number_is_no_newer_version(version: Any) -> None:
    with pytest.raises(StateError, match=r"^state: schema_version: .* is not one of 1 or 2$"):
        parse_state(spoil("schema_version", version), "state")


def test_a_state_that_is_nested_too_deeply_is_refused_and_says_so() -> None:
    with pytest.raises(StateError, match=r"^state: is not JSON that can be read: it is nested too deeply$"):
        parse_state(b"[" * 100_000, "state")


def test_the_fault_of_a_long_value_names_the_rule() -> None:
    with pytest.raises(StateError) as caught:
        parse_state(spoil("plugins/a/github/data/license", "x" * 100_000), "state")
    assert str(caught.value).endswith('xxx" is longer than 1000 characters')
    assert len(str(caught.value)) < 300


def test_a_time_of_the_first_centuries_is_written_as_it_is_read() -> None:
    early = datetime(999, 1, 1, tzinfo=UTC)
    state = State(plugins={"a": {"github": replace(github(1), as_of=early)}}, unlisted_since={"b": early})
    assert parse_state(dump_state(state), "state") == state


def test_a_character_that_json_writes_as_two_halves_is_read() -> None:
    raw = spoil("plugins/a/github/data/license", "\U0001f600")
    assert rb"\ud83d\ude00" in raw
    assert parse_state(raw, "state").plugins["a"]["github"].data["license"] == "\U0001f600"


def test_a_state_with_nan_is_refused() -> None:
    with pytest.raises(StateError, match="is not JSON: NaN is not a number of JSON"):
        parse_state(b'{"schema_version": NaN, "listed": [], "plugins": {}}', "state")


def test_the_fault_of_a_state_is_named_with_its_place() -> None:
    with pytest.raises(StateError) as caught:
        parse_state(spoil("plugins/a/github/data/stars", -1), "build/state.json")
    assert (
        str(caught.value) == "build/state.json: plugins/a/github/data/stars: -1 is less than the minimum of 0"
    )


def test_what_is_found_replaces_what_was_known() -> None:
    state = learn(State(plugins={"a": {"github": github(1)}}), (run({"a": github(2, NOW)}),), NOW)
    assert state.plugins["a"]["github"].data["stars"] == 2
    assert state.generated_at == NOW


def test_what_is_missing_leaves_the_last_good_fact() -> None:
    before = State(plugins={"a": {"github": github(1)}}, generated_at=OLD)
    after = learn(before, (run({"a": Missing(reason="502"), "b": Missing(reason="502")}),), NOW)
    assert after.plugins["a"] == before.plugins["a"]
    assert after.plugins["b"] == {}
    assert after.generated_at == OLD, "nothing was heard"


def test_a_repository_that_is_gone_keeps_its_figures_and_the_day_it_was_missed() -> None:
    state = State(plugins={"a": {"github": github(5)}})
    state = learn(state, (run({"a": Missing(reason="gone", gone=True)}),), NOW)
    state = learn(state, (run({"a": Missing(reason="gone", gone=True)}),), NOW + timedelta(days=3))
    fact = state.plugins["a"]["github"]
    assert fact.data["stars"] == 5
    assert fact.as_of == OLD
    assert fact.gone_since == NOW
    back = learn(state, (run({"a": github(6, NOW)}),), NOW)
    assert back.plugins["a"]["github"].gone_since is None


def test_the_baseline_fills_gaps_and_newer_facts_win() -> None:
    baseline = State(plugins={"a": {"github": github(1, OLD)}, "b": {"github": github(2, OLD)}})
    state = State(plugins={"a": {"github": github(9, NOW)}}, generated_at=NOW, listed=("a",))
    both = over(baseline, state)
    assert both.plugins["a"]["github"].data["stars"] == 9
    assert both.plugins["b"]["github"].data["stars"] == 2
    assert both.listed == ("a",)


def test_facts_outlive_their_registration_for_a_while() -> None:
    state = State(plugins={"a": {"github": github(1)}, "b": {"github": github(2)}}, listed=("a", "b"))
    state = publish(state, ("a",), "_plugins", NOW, keep_days=90)
    assert set(state.plugins) == {"a", "b"}
    assert state.unlisted_since == {"b": NOW}
    later = publish(state, ("a",), "_plugins", NOW + timedelta(days=91), keep_days=90)
    assert set(later.plugins) == {"a"}
    back = publish(state, ("a", "b"), "_plugins", NOW, keep_days=90)
    assert back.unlisted_since == {}


def test_a_build_should_publish_what_its_folder_published_last() -> None:
    state = State(listed=("a", "b", "c"), registrations="_plugins")
    assert expected(state, ("a", "c", "new"), "_plugins") == ("a", "b", "c")
    assert expected(state, ("a",), "elsewhere") == ("a", "b", "c"), "a copy of the folder hides no loss"
    assert expected(state, ("x", "y", "z", "a"), "elsewhere") == (), "another registry has lost nothing"
    assert expected(state, ("x", "y", "z", "a"), "_plugins") == ("a", "b", "c")


def test_two_registries_may_take_turns_with_one_state() -> None:
    state = publish(State(), ("a", "b", "c"), "_plugins", NOW, keep_days=90)
    state = publish(state, ("a", "x", "y", "z"), "other", NOW, keep_days=90)
    state = parse_state(dump_state(state), "state")
    assert expected(state, ("a",), "_plugins") == ("a", "b", "c")
    assert expected(state, ("a",), "other") == ("a", "x", "y", "z")
    state = publish(state, ("a", "b", "c"), "_plugins", NOW, keep_days=90)
    assert state.elsewhere == {"other": ("a", "x", "y", "z")}
    for n in range(9):
        state = publish(state, ("a",), f"folder{n}", NOW, keep_days=90)
    assert len(state.elsewhere) == 4
    assert parse_state(dump_state(state), "state") == state


def test_a_file_that_cannot_be_replaced_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    write_state(path, State(generated_at=OLD))
    before = path.read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("registry.system.files.os.fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        write_state(path, State(generated_at=NOW))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


def test_a_date_of_abandonment_comes_back_as_it_was_written() -> None:
    state = parse_state(spoil("plugins/a/abandonment", abandonment()), "state")
    assert state.plugins["a"]["abandonment"].data["created_at"] == "2020-09-03 10:11:12 +0000"
    assert parse_state(dump_state(state), "state") == state


@pytest.mark.parametrize(
    "changes",
    [{"url": "javascript:alert(1)"}, {"url": None}, {"created_at": "2020-09-03"}, {"title": "<b>"}],
)
def test_a_date_of_abandonment_that_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(StateError, match=r"^state: plugins/a/abandonment/data"):
        parse_state(spoil("plugins/a/abandonment", abandonment(**changes)), "state")


def test_a_kind_of_fact_from_a_newer_almanac_is_skipped_and_the_rest_is_kept() -> None:
    state = parse_state(spoil("plugins/a/of_tomorrow", abandonment(anything=[1])), "state")
    assert state == parse_state(json.dumps(good()).encode(), "state")


@pytest.mark.parametrize("value", [{}, [], None, {**abandonment(), "more": 1}])
def test_what_is_no_fact_is_refused_whatever_its_kind(value: Any) -> None:
    with pytest.raises(StateError, match=r"^state: plugins/a/of_tomorrow"):
        parse_state(spoil("plugins/a/of_tomorrow", value), "state")


def with_history(**changes: Any) -> bytes:
    history: dict[str, Any] = {
        "days": ["2026-04-30", "2026-05-01"],
        "weeks": ["2026-05-01"],
        "registries": {"_plugins": {"plugins": {"days": "2.", "weeks": "2"}}},
        "plugins": {"a": {"stars": {"days": "5A", "weeks": "6"}}},
    }
    return spoil("history", history | changes)


def stars(days: Any = "", weeks: Any = "") -> dict[str, Any]:
    return {"plugins": {"a": {"stars": {"days": days, "weeks": weeks}}}}


def test_a_history_comes_back_as_it_was_written() -> None:
    state = parse_state(with_history(), "state")
    assert [str(day) for day in state.history.days] == ["2026-04-30", "2026-05-01"]
    assert state.history.plugins == {"a": {"stars": ("5A", "6")}}
    assert parse_state(dump_state(state), "state") == state


def test_a_state_without_history_is_one_of_before_it() -> None:
    state = parse_state(json.dumps(good()).encode(), "state")
    assert not state.history
    assert b"history" not in dump_state(state)


@pytest.mark.parametrize(
    "changes",
    [
        {"days": ["2026-05-01"] * 2},
        {"days": [f"2026-{n // 28 + 1:02}-{n % 28 + 1:02}" for n in range(91)]},
        {"days": ["2026-13-01"]},
        {"days": ["2026-W18-5"]},
        {"days": ["20260501"]},
        {"days": ["tomorrow"]},
        {"days": [1]},
        {"days": None},
        {"weeks": ["2026-05-01", "2026-04-30"]},
        {"weeks": [f"{2000 + n}-01-01" for n in range(105)]},
        {"years": []},
        {"plugins": []},
        {"plugins": {"../x": {}}},
        {"plugins": {"a": {"html": {"days": "", "weeks": ""}}}},
        {"plugins": {"a": {"stars": {"days": ""}}}},
        {"plugins": {"a": {"stars": {"days": "", "weeks": "", "years": ""}}}},
        {"registries": {f"folder{n}": {} for n in range(6)}},
        {"registries": {"x" * 501: {}}},
        {"registries": {"_plugins": {"html": {"days": "", "weeks": ""}}}},
        stars(days=[5]),
        stars(days=5),
        stars(days=None),
        stars(days="5.."),
        stars(weeks="5."),
        stars(days="-5"),
        stars(days="0a"),
        stars(days="1" + "0" * 30),
        stars(days="NaN"),
        stars(days="1e9"),
        stars(days="A"),
        stars(days="5" + "." * 10_000),
        stars(days="5\n"),
        stars(days="<b>"),
    ],
)
def test_a_history_that_does_not_fit_is_refused_with_the_whole_state(changes: dict[str, Any]) -> None:
    with pytest.raises(StateError, match=r"^state: history"):
        parse_state(with_history(**changes), "state")


def test_a_huge_history_of_an_attacker_costs_little_time_and_memory() -> None:
    text = "9007199254740990" + "Aa" * 44
    plugins = {f"p{n}": {"stars": {"days": text, "weeks": text}} for n in range(20_000)}
    raw = with_history(plugins=plugins)
    tracemalloc.start()
    with pytest.raises(StateError, match=r"p[0-9]+/stars: has 89 points, more than the 2 of its axis$"):
        parse_state(raw, "state")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * len(raw)


def test_history_goes_when_the_facts_of_a_plugin_go() -> None:
    state = parse_state(with_history(), "state")
    state = publish(state, ("b",), "_plugins", NOW, keep_days=90)
    assert set(state.history.plugins) == {"a"}
    later = publish(state, ("b",), "_plugins", NOW + timedelta(days=91), keep_days=90)
    assert later.history.plugins == {}
    assert set(later.history.registries) == {"_plugins"}


def test_the_history_of_a_registry_goes_when_its_folder_is_forgotten() -> None:
    raw = json.dumps({**json.loads(with_history()), "registrations": "_plugins"}).encode()
    state = publish(parse_state(raw, "state"), ("x", "y", "z"), "other", NOW, keep_days=90)
    assert set(state.elsewhere) == {"_plugins"}
    assert set(state.history.registries) == {"_plugins"}
    forgotten = publish(replace(state, elsewhere={}), ("x", "y", "z"), "other", NOW, keep_days=90)
    assert forgotten.history.registries == {}


def test_the_baseline_fills_the_gaps_of_the_history() -> None:
    baseline = parse_state(with_history(), "state")
    state = parse_state(
        with_history(days=["2026-05-01", "2026-05-02"], weeks=["2026-05-02"], **stars("9A", "")), "state"
    )
    both = over(baseline, state)
    assert [str(day) for day in both.history.days] == ["2026-04-30", "2026-05-01", "2026-05-02"]
    assert both.history.plugins["a"]["stars"] == ("5DA", "6")


def test_a_doubt_comes_back_as_it_was_written_and_leaves_no_trace_when_it_ends() -> None:
    doubted = SourceRun(kind="usage_month", found={}, trouble="tenfold", doubted=True)
    state = learn(State(), (doubted,), NOW)
    state = learn(state, (doubted,), NOW + timedelta(days=3))
    assert state.doubted_since == {"usage_month": NOW}
    assert parse_state(dump_state(state), "state") == state
    count = Fact(fetched_at=NOW, as_of=NOW, source="export", data={"instances": 1})
    state = learn(state, (SourceRun(kind="usage_month", found={"a": count}),), NOW)
    assert b"doubted_since" not in dump_state(state)


@pytest.mark.parametrize("since", [[], {"usage_month": "yesterday"}, {"../x": "2026-01-01T00:00:00Z"}])
def test_a_doubt_that_does_not_fit_is_refused(since: Any) -> None:
    with pytest.raises(StateError, match=r"^state: doubted_since"):
        parse_state(spoil("doubted_since", since), "state")


def test_the_identity_of_a_repository_fits_or_is_refused() -> None:
    data = {"id": "R_kgDO", "registered": "o/n", "created_at": "2020-09-03 10:11:12 +0000"}
    fact = {"fetched_at": "2026-01-01T00:00:00Z", "source": "github", "data": data}
    assert parse_state(spoil("plugins/a/identity", fact), "state").plugins["a"]["identity"].data == data
    for change in ({"id": "<b>"}, {"id": None}, {"html": "x"}, {"created_at": "soon"}):
        with pytest.raises(StateError, match=r"^state: plugins/a/identity/data"):
            parse_state(spoil("plugins/a/identity", {**fact, "data": {**data, **change}}), "state")
