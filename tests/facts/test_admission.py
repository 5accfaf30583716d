"""What enters the state can be read again, whatever the sources say: what cannot is dropped, alone."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.enrich.merge import contradictions, history_of, merge_all
from registry.facts import admission
from registry.facts.admission import admit, settle
from registry.facts.history import LARGEST
from registry.facts.history_update import figures, grow, tally
from registry.facts.model import KINDS, Fact, Kind, Missing, SourceRun
from registry.facts.state import State, dump_state, learn, parse_state, publish
from registry.quarantine.left_out import LeftOut
from registry.registration import frontmatter
from registry.registration.model import Registration, RepoRef

NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
OLD = NOW - timedelta(days=10)
FULL = json.loads((Path(__file__).resolve().parents[1] / "data/state/full.json").read_bytes())
GOOD: Mapping[Kind, Mapping[str, Any]] = {kind: FULL["plugins"]["a"][kind]["data"] for kind in KINDS}
STALE = timedelta(hours=48)


def fact(kind: Kind = "github", at: datetime = NOW, **changes: Any) -> Fact:
    return Fact(fetched_at=at, as_of=at, source="s", data={**GOOD[kind], **changes})


def run(kind: Kind = "github", **found: Fact | Missing) -> SourceRun:
    return SourceRun(kind=kind, found=found)


def after(known: State, *runs: SourceRun) -> tuple[State, list[LeftOut]]:
    """Return the state after a build that heard this, as the next build reads it, and what was dropped."""
    admitted, dropped = admit(known, runs, NOW)
    state = learn(known, admitted, NOW)
    state, more = settle(publish(state, tuple(state.plugins), "_plugins", NOW, 90))
    again = parse_state(dump_state(state), "state")
    assert again == replace(state, plugins={key: facts for key, facts in state.plugins.items() if facts})
    return again, dropped + more


@pytest.mark.parametrize(
    ("kind", "changes", "fault"),
    [
        (
            "compatibility",
            {"path": "octoprint_x/" + "x" * 566},
            'data/path: "octoprint_xxx" is longer than 500 characters',
        ),
        ("github", {"stars": 2**53}, "data/stars: 9007199254740992 is greater than the maximum of 90071"),
        ("github", {"stars": -1}, "data/stars: -1 is less than the minimum of 0"),
        ("github", {"html": "<b>"}, "data: Additional properties are not allowed ('html' was unexpected)"),
        ("usage_week", {"versions": {"1\ud800": 1}}, "the whole: holds half of a character (a lone"),
        ("usage_week", {"versions": {"1": float("nan")}}, "the whole: is not JSON: Out of range float"),
        ("usage_week", {"versions": {"1": 10**5000}}, "the whole: is not JSON: Exceeds the limit"),
        ("usage_week", {"versions": MappingProxyType({})}, "the whole: is not JSON: Object of type mapp"),
    ],
)  # fmt: skip
def test_a_fact_that_does_not_fit_is_dropped_and_the_last_good_one_stays(
    kind: Kind, changes: dict[str, Any], fault: str
) -> None:
    known = State(plugins={"bad": {kind: fact(kind, OLD)}, "good": {kind: fact(kind, OLD)}})
    state, dropped = after(known, run(kind, bad=fact(kind, **changes), good=fact(kind), new=fact(kind)))
    assert state.plugins["bad"][kind] == fact(kind, OLD)
    assert state.plugins["good"][kind] == state.plugins["new"][kind] == fact(kind)
    (entry,) = dropped
    assert (entry.plugin, entry.stage, entry.code) == ("bad", "source", "bad-fact")
    begin, _, end = fault.partition("xxx")
    assert entry.message.startswith(f"`{kind}` does not fit and is dropped ({begin}")
    assert end in entry.message
    assert entry.message.endswith("); the last good fact stays; mend it where it was read")


def test_what_was_dropped_is_missing_with_its_reason() -> None:
    (admitted,), _ = admit(State(), [run(a=fact(stars=-1), b=fact(), c=Missing(reason="502"))], NOW)
    reason = "does not fit: data/stars: -1 is less than the minimum of 0"
    assert admitted.found == {"a": Missing(reason=reason), "b": fact(), "c": Missing(reason="502")}


def test_where_all_fits_nothing_is_touched() -> None:
    runs = (run(a=fact()), run("usage_week", a=fact("usage_week")))
    assert admit(State(), runs, NOW) == (runs, [])
    assert admit(State(), (), NOW) == ((), [])


def test_what_is_gone_before_it_was_known_is_kept_only_where_a_fact_may_be_empty() -> None:
    gone = Missing(reason="not there", gone=True)
    state, dropped = after(State(), run(a=gone), run("abandonment", a=gone))
    assert set(state.plugins["a"]) == {"github"}
    assert [entry.message.split(" ")[0] for entry in dropped] == ["`abandonment`"]


def test_the_largest_new_facts_stay_out_when_all_are_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    def used(versions: int, at: datetime = NOW) -> Fact:
        return fact("usage_week", at, versions={f"{n:0100}": 1 for n in range(versions)})

    known = State(plugins={"huge": {"usage_week": used(1, OLD)}, "small": {"usage_week": used(1, OLD)}})
    monkeypatch.setattr(admission, "MAX_FACTS_BYTES", 1 << 20)
    found = {"huge": used(9_000), "large": used(8_000), "small": used(2), "new": used(3)}
    state, dropped = after(known, SourceRun(kind="usage_week", found=found))
    assert state.plugins["huge"]["usage_week"] == used(1, OLD)
    assert {key for key, facts in state.plugins.items() if facts} == {"huge", "large", "small", "new"}
    assert [entry.plugin for entry in dropped] == ["huge"]
    assert "bytes, and all facts may have 1 MB together" in dropped[0].message
    assert len(dump_state(state)) < 1 << 20


def test_ids_folders_and_times_that_do_not_fit_are_dropped() -> None:
    state = State(
        listed=("../x", "a", "b\ud800", "y" * 101),
        registrations="_plugins",
        elsewhere={"o" * 501: ("a",), "other": ("a",), "wrong": ("..",)},
        unlisted_since={"a": OLD, "/etc": OLD},
        plugins={"a": {"github": fact()}},
        generated_at=NOW,
    )
    settled, dropped = settle(state)
    assert settled == replace(state, listed=("a",), elsewhere={"other": ("a",)}, unlisted_since={"a": OLD})
    assert parse_state(dump_state(settled), "state") == settled
    assert sorted(entry.message.split(" ")[0] for entry in dropped) == [
        *["`elsewhere`"] * 2,
        *["`listed`"] * 3,
        "`unlisted_since`",
    ]
    folder, _ = settle(replace(settled, registrations="x" * 501))
    assert folder == replace(settled, registrations="")


def test_a_sum_beyond_what_a_number_can_say_makes_no_point() -> None:
    today = date(2026, 5, 1)
    history = grow(State().history, {"a": {"stars": LARGEST}, "b": {"stars": LARGEST + 1}}, today)
    history = tally(history, "_plugins", {"stars": 2 * LARGEST, "plugins": 2}, today)
    assert set(history.plugins) == {"a"}
    assert set(history.registries["_plugins"]) == {"plugins"}
    state = State(history=history)
    assert parse_state(dump_state(state), "state") == state


# Whatever the sources say

HOSTILE = st.recursive(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["\ud800", "x" * 2_000, "javascript:alert(1)", "\x00", "9999-99-99 99:99:99 +0000"]),
        st.integers(),
        st.sampled_from([2**53 - 1, 2**53, 10**4_000, -1, True, 1.0, float("nan"), float("inf"), None, b"x"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)
TIMES = st.one_of(
    st.just(NOW),
    st.datetimes(timezones=st.just(UTC), min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),
)
IDS = st.one_of(
    st.sampled_from(["p", "q", "Q.x", "_"]),
    st.sampled_from(["../x", "\ud800", "", "x" * 101, "a b"]),
    st.text(),
)


@st.composite
def spoiled(draw: st.DrawFn, kind: Kind) -> Fact:
    """Draw a fact with at most two keys that anybody may have written."""
    names = st.sampled_from([*GOOD[kind], "html"])
    changes = draw(st.dictionaries(names, HOSTILE, max_size=2))
    gone = draw(st.sets(st.sampled_from([*GOOD[kind]]), max_size=2))
    return Fact(
        fetched_at=NOW,
        as_of=draw(TIMES).replace(microsecond=0),
        source=draw(st.sampled_from(["s", "github 2", "", "x" * 201])),
        data={key: value for key, value in {**GOOD[kind], **changes}.items() if key not in gone},
        gone_since=draw(st.none() | TIMES.map(lambda moment: moment.replace(microsecond=0))),
    )


@st.composite
def runs(draw: st.DrawFn) -> tuple[SourceRun, ...]:
    return tuple(
        SourceRun(
            kind=kind,
            found={
                **draw(
                    st.dictionaries(
                        IDS,
                        spoiled(kind) | st.builds(Missing, reason=st.text(), gone=st.booleans()),
                        max_size=3,
                    )
                ),
                "untouched": fact(kind),
            },
        )
        for kind in KINDS
    )


def registration(plugin_id: str) -> Registration:
    address = "https://github.com/o/n"
    return Registration(
        slug=plugin_id,
        path=f"_plugins/{plugin_id}.md",
        id=plugin_id,
        title="T",
        description="D",
        authors=("A",),
        date=date(2024, 1, 2),
        homepage=address,
        source=address,
        archive=address,
        repo=RepoRef("o", "n"),
        python=">=3,<4",
        pypi=None,
        data={"id": plugin_id, "abandoned": GOOD["abandonment"]["url"]},
        body="",
    )


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(found=runs())
def test_any_mix_of_facts_gives_a_state_that_is_read_again_and_keeps_the_good_ones(
    found: tuple[SourceRun, ...],
) -> None:
    known = State(plugins={"p": {kind: fact(kind, OLD) for kind in KINDS}})
    state, dropped = after(known, *found)
    assert state.plugins["untouched"] == {kind: fact(kind) for kind in KINDS}
    left = {entry.plugin for entry in dropped}
    assert "untouched" not in left
    for each in found:
        for plugin_id, one in each.found.items():
            if isinstance(one, Fact) and plugin_id not in left and plugin_id.isprintable():
                assert state.plugins[plugin_id][each.kind].data == one.data
    assert set(state.plugins["p"]) == set(KINDS), "a good fact is never lost"
    today = NOW.date()
    rows = {key: figures(facts, NOW, STALE) for key, facts in state.plugins.items()}
    state = replace(state, history=grow(state.history, rows, today))
    assert parse_state(dump_state(state), "state") == state
    listed = [registration(plugin_id) for plugin_id in state.plugins]
    assert "untouched" not in {row.id for row in contradictions(listed, state.plugins)}
    for plugin_id, data in merge_all(listed, state.plugins, now=NOW, stale_after=STALE).items():
        drawn = history_of(state.history, plugin_id, today)
        text = frontmatter.dump({**data, "history": drawn} if drawn else data, "").encode()
        assert frontmatter.parse(text, "copy.md").data["id"] == plugin_id
