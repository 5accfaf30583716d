"""The history, end to end: builds on many days, with sources that fail, restores, and folders by turns."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import restore
from registry.facts.history import History, decode
from registry.facts.restore import ADDRESS
from registry.facts.state import dump_state, read_state
from registry.feeds.api import compressed
from tests.commands.test_enrich import Bench, world
from tests.commands.test_restore import Site
from tests.emulators.github import Fault, GitHub
from tests.emulators.history import remember
from tests.emulators.server import Response

NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.register("a")
    bench.register("b")
    return bench


def use(bench: Bench, at: datetime, **instances: int) -> None:
    """Let the exports of week and month tell these instances, and as many installs, as of a time."""
    plugins = {key: {"instances": value, "install_events": value} for key, value in instances.items()}
    text = json.dumps({"_generated": f"{at:%Y-%m-%dT%H:%M:%SZ}", "plugins": plugins})
    for window in ("week", "month"):
        (bench.folder / f"{window}.json").write_text(text, encoding="utf-8")
    bench.configure(usage={"exports": {"week": "week.json", "month": "month.json"}})


def history(bench: Bench) -> History:
    return read_state(bench.state).history


def row(bench: Bench, measure: str, plugin_id: str = "a") -> dict[str, int | None]:
    """Return day to value of one plugin's measure."""
    known = history(bench)
    series = known.plugins.get(plugin_id, {}).get(measure)
    return along(known, series.days if series else "")


def total(bench: Bench, measure: str, folder: str = "") -> dict[str, int | None]:
    """Return day to value of the registry's measure."""
    state = read_state(bench.state)
    series = state.history.registries.get(folder or state.registrations, {}).get(measure)
    return along(state.history, series.days if series else "")


def along(known: History, text: str) -> dict[str, int | None]:
    values = decode(text, len(known.days))
    return {f"{day:%m-%d}": value for day, value in zip(known.days, values, strict=True)}


def test_each_day_has_a_point_of_what_was_heard_on_it(bench: Bench) -> None:
    for n in range(3):
        now = NOW + n * DAY
        use(bench, now, a=100 + n, b=20)
        with GitHub(world("a", "b", stars=5 + n)) as github:
            bench.run(github, now=now)
    assert row(bench, "instances") == {"05-01": 100, "05-02": 101, "05-03": 102}
    assert row(bench, "installs_week", "b") == {"05-01": 20, "05-02": 20, "05-03": 20}
    assert row(bench, "stars") == {"05-01": 5, "05-02": 6, "05-03": 7}
    assert total(bench, "instances") == {"05-01": 120, "05-02": 121, "05-03": 122}
    assert total(bench, "stars") == {"05-01": 10, "05-02": 12, "05-03": 14}
    assert total(bench, "plugins") == {"05-01": 2, "05-02": 2, "05-03": 2}
    assert total(bench, "python_3") == {"05-01": 2, "05-02": 2, "05-03": 2}
    assert total(bench, "maintained") == {"05-01": 2, "05-02": 2, "05-03": 2}
    assert history(bench).weeks == (date(2026, 5, 3),)
    assert (
        bench.copy("a")["history"]
        == {
            "since": date(2026, 5, 1),
            "until": date(2026, 5, 3),
            "instances": [[0, 100], [1, 101], [2, 102]],
            "installs": [[0, 100], [1, 101], [2, 102]],
            "stars": [[0, 5], [1, 6], [2, 7]],
        }
        or bench.copy("a")["history"]["since"] == "2026-05-01"
    )


def test_the_last_build_of_a_day_counts_and_one_whose_sources_fail_erases_nothing(bench: Bench) -> None:
    use(bench, NOW, a=100)
    with GitHub(world("a", "b", stars=5)) as github:
        bench.run(github)
    use(bench, NOW + timedelta(hours=1), a=90)
    with GitHub(world("a", "b", stars=6)) as github:
        bench.run(github, now=NOW + timedelta(hours=2))
    before = history(bench)
    assert row(bench, "stars") == {"05-01": 6}
    assert row(bench, "instances") == {"05-01": 90}
    (bench.folder / "month.json").write_text("<h1>502</h1>", encoding="utf-8")
    with GitHub(world("a", "b"), faults=[Fault(kind="revoked")]) as github:
        bench.run(github, now=NOW + timedelta(hours=4))
    assert history(bench) == before
    bench.run(now=NOW + timedelta(hours=5))
    assert history(bench) == before


def test_a_source_that_fails_makes_a_gap_and_no_repeated_figure(bench: Bench) -> None:
    use(bench, NOW, a=100)
    with GitHub(world("a", "b", stars=5)) as github:
        bench.run(github)
    with GitHub(world("a", "b", stars=5), faults=[Fault(kind="revoked")]) as github:
        bench.run(github, now=NOW + DAY)
    assert row(bench, "stars") == {"05-01": 5, "05-02": None}
    assert row(bench, "instances") == {"05-01": 100, "05-02": 100}, "the export is 24 hours old"
    assert total(bench, "stars") == {"05-01": 10, "05-02": None}
    with GitHub(world("a", "b", stars=7)) as github:
        bench.run(github, now=NOW + 3 * DAY)
    assert row(bench, "stars") == {"05-01": 5, "05-02": None, "05-04": 7}
    assert row(bench, "instances") == {"05-01": 100, "05-02": 100, "05-04": None}, "it is stale by now"
    assert total(bench, "instances") == {"05-01": 100, "05-02": 100, "05-04": None}


def test_a_build_that_asks_nothing_makes_no_point(bench: Bench) -> None:
    bench.run()
    assert not history(bench)
    use(bench, NOW, a=100)
    with GitHub(world("a", "b")) as github:
        bench.run(github)
    before = bench.state.read_bytes()
    for hours in (1, 17, 18, 30):
        bench.run(now=NOW + timedelta(hours=hours), offline=True)
        assert bench.state.read_bytes() == before
    bench.configure()
    bench.run(now=NOW + DAY)
    assert bench.state.read_bytes() == before
    assert "history" not in bench.copy("a"), "a single point is no line"


def test_the_baselines_figures_make_no_point(bench: Bench) -> None:
    bench.configure(baseline="baseline.json")
    old = {"fetched_at": "2020-07-24T00:00:00Z", "source": "old figures", "data": {"instances": 1991}}
    baseline = {"schema_version": 1, "listed": [], "plugins": {"a": {"usage_month": old}}}
    (bench.folder / "baseline.json").write_text(json.dumps(baseline), encoding="utf-8")
    with GitHub(world("a", "b")) as github:
        bench.run(github)
    assert row(bench, "instances") == {"05-01": None}
    assert total(bench, "instances") == {"05-01": None}
    assert row(bench, "stars") == {"05-01": 5}


def test_a_run_for_one_plugin_loses_nothing_of_the_others(bench: Bench) -> None:
    with GitHub(world("a", "b")) as github:
        bench.run(github)
        bench.run(github, now=NOW + DAY, only=["a"])
        assert row(bench, "stars", "b") == {"05-01": 5, "05-02": None}
        assert total(bench, "stars") == {"05-01": 10, "05-02": None}, "half of it is no total"
        bench.run(github, now=NOW + DAY)
        bench.run(github, now=NOW + DAY + timedelta(hours=1), only=["a"])
    assert row(bench, "stars", "a") == row(bench, "stars", "b") == {"05-01": 5, "05-02": 5}
    assert total(bench, "stars") == {"05-01": 10, "05-02": 10}


def test_a_plugin_that_goes_keeps_its_history_as_long_as_its_facts(bench: Bench) -> None:
    bench.configure(limits={"keep_unlisted_days": 30, "max_loss_percent": 60})
    with GitHub(world("a", "b")) as github:
        bench.run(github)
        (bench.plugins / "a.md").unlink()
        bench.run(github, now=NOW + DAY)
        bench.register("a")
        bench.run(github, now=NOW + 2 * DAY)
        assert row(bench, "stars") == {"05-01": 5, "05-02": None, "05-03": 5}
        assert total(bench, "plugins") == {"05-01": 2, "05-02": 1, "05-03": 2}
        (bench.plugins / "a.md").unlink()
        bench.run(github, now=NOW + 3 * DAY)
        bench.run(github, now=NOW + 40 * DAY)
    assert "a" not in history(bench).plugins
    assert "b" in history(bench).plugins


def test_a_repository_that_is_gone_has_no_points_and_others_are_summed(bench: Bench) -> None:
    with GitHub(world("a", "b")) as github:
        bench.run(github)
    with GitHub(world("b")) as github:
        bench.run(github, now=NOW + DAY)
    assert row(bench, "stars") == {"05-01": 5, "05-02": None}
    assert total(bench, "stars") == {"05-01": 10, "05-02": 5}
    assert total(bench, "maintained") == {"05-01": 2, "05-02": 1}


def test_a_plugin_whose_file_or_repository_is_renamed_keeps_its_history(bench: Bench) -> None:
    with GitHub(world("a", "b")) as github:
        bench.run(github)
    (bench.plugins / "a.md").rename(bench.plugins / "Renamed.md")
    bench.register("b", source="https://github.com/other/moved")
    moved = world("a")
    moved["repositories"]["other/moved"] = world("b")["repositories"]["maker/b"] | {"stars": 9}
    with GitHub(moved) as github:
        bench.run(github, now=NOW + DAY)
    assert row(bench, "stars") == {"05-01": 5, "05-02": 5}
    assert row(bench, "stars", "b") == {"05-01": 5, "05-02": 9}
    assert len(bench.copy("Renamed")["history"]["stars"]) == 2


def test_two_registries_may_share_a_state_by_turns(bench: Bench) -> None:
    other = bench.folder / "other"
    other.mkdir()
    mine = bench.plugins
    for name in ("x", "y", "z"):
        bench.plugins = other
        bench.register(name)
    with GitHub(world("a", "b", "x", "y", "z")) as github:
        for n in range(3):
            bench.plugins = mine
            bench.run(github, now=NOW + n * DAY)
            first = read_state(bench.state).registrations
            bench.plugins = other
            bench.run(github, now=NOW + n * DAY + timedelta(hours=1))
    second = read_state(bench.state).registrations
    every_day = ("05-01", "05-02", "05-03")
    assert total(bench, "plugins", first) == dict.fromkeys(every_day, 2)
    assert total(bench, "plugins", second) == dict.fromkeys(every_day, 3)
    assert row(bench, "stars", "a") == row(bench, "stars", "z") == dict.fromkeys(every_day, 5)


def test_a_registry_that_moves_to_another_folder_takes_its_history_along(bench: Bench) -> None:
    with GitHub(world("a", "b")) as github:
        bench.run(github)
        bench.plugins = bench.plugins.rename(bench.folder / "elsewhere")
        bench.run(github, now=NOW + DAY)
    assert total(bench, "plugins") == {"05-01": 2, "05-02": 2}


def test_most_of_a_total_is_needed_and_a_hiccup_is_no_fall(bench: Bench) -> None:
    names = [f"p{n}" for n in range(40)]
    for name in ("a", "b"):
        (bench.plugins / f"{name}.md").unlink()
    for name in names:
        bench.register(name)
    with GitHub(world(*names)) as github:
        bench.run(github)
        bench.run(github, now=NOW + DAY, only=names[:39])
        assert total(bench, "stars") == {"05-01": 200, "05-02": 200}
        bench.run(github, now=NOW + 2 * DAY, only=names[:37])
    assert total(bench, "stars") == {"05-01": 200, "05-02": 200, "05-03": None}
    assert total(bench, "maintained") == {"05-01": 40, "05-02": 40, "05-03": 40}, "known well enough"


def test_the_history_survives_publishing_and_restoring(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with GitHub(world("a", "b")) as github:
        bench.run(github)
        with Site() as site:
            published = compressed(bench.state.read_bytes())
            site.put(Response(headers={"Content-Type": "application/gzip"}, body=published, zip=False))
            bench.state.unlink()
            config = str(bench.folder / "_config.yml")
            address = f"{site.url}{ADDRESS}"
            # The state is of 2026-05-01; a restore refuses one that is yet to come.
            monkeypatch.setattr(restore, "datetime", Clock)
            assert restore.main(["--state", str(bench.state), "--config", config, "--from", address]) == 0
        bench.configure(baseline="baseline.json")
        (bench.folder / "baseline.json").write_bytes(dump_state(read_state(bench.state)))
        bench.run(github, now=NOW + DAY)
        assert row(bench, "stars") == {"05-01": 5, "05-02": 5}
        bench.state.write_bytes(b"{")
        bench.run(github, now=NOW + 2 * DAY)
    assert row(bench, "stars") == {"05-01": 5, "05-03": 5}, "what the baseline has is not lost"


class Clock(datetime):
    """A clock that stands a little behind NOW."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return NOW + timedelta(hours=1)


def test_a_state_of_before_the_history_is_built_on(bench: Bench) -> None:
    with GitHub(world("a", "b")) as github:
        bench.run(github)
        content: dict[str, Any] = json.loads(bench.state.read_bytes())
        del content["history"]
        bench.state.write_text(json.dumps(content), encoding="utf-8")
        bench.run(github, now=NOW + DAY)
    assert row(bench, "stars") == {"05-02": 5}


def test_nobody_registers_their_own_history(bench: Bench) -> None:
    mine: Mapping[str, Any] = {"since": "2020-01-01", "until": "2026-01-01", "stars": [[0, 1], [9, 10**6]]}
    bench.register("a", history=mine)
    with GitHub(world("a", "b")) as github:
        report = bench.run(github)
    assert [row["code"] for row in report["problems"] if row["key"] == "history"] == ["computed-key"]
    assert report["left_out"] == {"a.md": "only the build writes this key; remove it"}


def test_a_page_draws_sixty_points_of_two_years(bench: Bench) -> None:
    with GitHub(world("a", "b", stars=500)) as github:
        bench.run(github)
        state = remember(read_state(bench.state), days=900)
        bench.state.write_bytes(dump_state(state))
        bench.run(github, now=NOW + timedelta(hours=1))
    drawn = bench.copy("a")["history"]
    assert set(drawn) == {"since", "until", "stars"}
    assert len(drawn["stars"]) <= 60
    assert drawn["stars"][0][0] == 0
    assert drawn["stars"][-1] == [(NOW.date() - state.history.weeks[0]).days, 500]
    assert total(bench, "plugins")["05-01"] == 2
    assert len(history(bench).days) == 90
    assert len(history(bench).weeks) == 104
