"""Unpacking and choosing: whatever the bytes, a sound state comes out or a reason does."""

import gzip
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.facts import restore as restoring
from registry.facts.restore import Found, Live, RestoreError, ask, restore, unpack
from registry.facts.state import State, StateError, dump_state, write_state
from registry.net.http import Overloaded, Refused

NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
URL = "https://plugins.example/api/v1/state.json.gz"
TEXT = dump_state(State(generated_at=NOW, listed=("a",)))
PACKED = gzip.compress(TEXT, mtime=0)


@given(st.binary(max_size=300), st.integers(0, len(PACKED)), st.sampled_from(["replace", "insert", "cut"]))
def test_no_bytes_come_through_that_were_not_packed_so(rubbish: bytes, place: int, how: str) -> None:
    rest = {"replace": PACKED[place + len(rubbish) :], "insert": PACKED[place:], "cut": b""}[how]
    spoilt = PACKED[:place] + rubbish + rest
    try:
        text = unpack(spoilt)
    except StateError:
        return
    # The gzip header holds a time and a system's number that nobody reads.
    assert text in (TEXT, spoilt)


@given(st.text(max_size=2_000), st.sampled_from([1, 6, 9]), st.integers(0, 2))
def test_what_was_packed_is_unpacked_however_often(text: str, level: int, layers: int) -> None:
    raw = b"{" + text.encode(errors="replace")
    packed = raw
    for _ in range(layers):
        packed = gzip.compress(packed, level)
    assert unpack(packed) == raw


def test_what_is_larger_than_a_chunk_comes_out_whole() -> None:
    raw = b"{" + bytes(range(256)) * 4_000
    assert unpack(gzip.compress(raw, 1)) == raw
    assert unpack(gzip.compress(raw, 0)) == raw


def test_the_limit_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b"{" + bytes((1 << 20) - 1)
    monkeypatch.setattr(restoring, "MAX_STATE_BYTES", 1 << 20)
    assert unpack(gzip.compress(raw)) == raw
    with pytest.raises(StateError, match=r"^is larger than 1 MB, unpacked$"):
        unpack(gzip.compress(raw + b" "))


@pytest.mark.parametrize("beginning", [b"", b" " * 100_000, b"[", b"<", b"\0"])
def test_what_begins_unlike_json_is_refused_before_it_takes_memory(beginning: bytes) -> None:
    packed = gzip.compress(beginning + bytes(10_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(StateError, match=r"^is neither a gzip file nor JSON$"):
            unpack(packed)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def answers(outcome: bytes | Exception) -> Callable[[str], bytes]:
    def fetch(url: str) -> bytes:
        assert url == URL
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return fetch


def test_a_live_state_is_found() -> None:
    live = ask(URL, answers(PACKED), NOW)
    assert live == Live(
        outcome="found", found=Found(state=State(generated_at=NOW, listed=("a",)), size=len(TEXT))
    )


@pytest.mark.parametrize(("ahead", "outcome"), [(23, "found"), (25, "failed")])
def test_a_clock_may_be_a_little_ahead(ahead: int, outcome: str) -> None:
    assert ask(URL, answers(PACKED), NOW - timedelta(hours=ahead)).outcome == outcome


def test_only_404_and_410_mean_that_there_is_none_yet() -> None:
    outcomes = {}
    for status in (400, 401, 403, 404, 410, 451):
        refused = Refused("no")
        refused.status = status
        outcomes[status] = ask(URL, answers(refused), NOW).outcome
    assert {status for status, outcome in outcomes.items() if outcome == "none yet"} == {404, 410}
    assert ask(URL, answers(Overloaded("502")), NOW) == Live(
        outcome="failed", trouble=f"{URL} could not be asked: 502"
    )


def restored(live: Live, path: Path, **more: object) -> str:
    known = {"baseline": None, "baseline_suffices": True, "now": NOW, "tell": lambda _: None}
    return restore(live, URL, path, **{**known, **more})  # type: ignore[arg-type]


FAILED = Live(outcome="failed", trouble="it hangs")


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-30), "0 minutes old"),
        (timedelta(seconds=90), "1 minute old"),
        (timedelta(minutes=119), "119 minutes old"),
        (timedelta(hours=2), "2 hours old"),
        (timedelta(hours=47), "47 hours old"),
        (timedelta(days=2), "2 days old"),
    ],
)
def test_the_age_is_told(tmp_path: Path, age: timedelta, words: str) -> None:
    path = tmp_path / "state.json"
    write_state(path, State(generated_at=NOW - age))
    assert f"({words}), 0 plugins, 1 kB: it hangs" in restored(FAILED, path)


def test_a_state_that_tells_no_time_is_older_than_any(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_state(path, State(listed=("a",)))
    live = Live(outcome="found", found=Found(state=State(generated_at=NOW), size=2_345_678))
    assert restored(live, path) == (
        f"{path} is that of {URL}, of 2026-05-01 06:00 UTC (0 minutes old), 0 plugins, 2.3 MB; it is newer "
        f"than the {path} of an unknown time"
    )
    write_state(path, State(listed=("a",)))
    timeless = Live(outcome="found", found=Found(state=State(), size=1))
    assert restored(timeless, path).startswith(f"{path} stays, of an unknown time, 0 plugins, 1 kB: ")


def test_without_any_state_there_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(RestoreError, match=r"^it hangs$"):
        restored(FAILED, tmp_path / "state.json")
    assert list(tmp_path.iterdir()) == []


def test_a_local_state_of_a_time_to_come_gives_way_to_a_live_one(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_state(path, State(generated_at=NOW + timedelta(days=900)))
    live = Live(outcome="found", found=Found(state=State(generated_at=NOW), size=900))
    assert restored(live, path).endswith(
        f"; it is made by a clock that is right, unlike the {path} of 2028-10-17 06:00 UTC"
    )
    assert path.read_bytes() == dump_state(State(generated_at=NOW))
    write_state(path, State(generated_at=NOW + timedelta(days=900)))
    assert restored(FAILED, path).startswith(f"{path} stays")
