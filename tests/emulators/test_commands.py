"""The emulators as processes, and what the demonstration and the benchmark hand to the commands."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml

from bench import run as bench
from bench.generate import main as generate
from registry.facts.state import State, dump_state, read_state
from tests.emulators import demo
from tests.emulators.exports import Exports
from tests.emulators.github import TOKEN, main
from tests.emulators.history import day_by_day
from tests.emulators.world import read_plugins

ROOT = Path(__file__).parents[2]


def test_emulator_as_a_process_tells_its_port_and_ends_at_a_signal(tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"repositories": {"a/b": {"stars": 7}}}), encoding="utf-8")
    command = [sys.executable, "-m", "tests.emulators.github", "--world", str(world), "--port-file"]
    port_file = tmp_path / "port"
    with subprocess.Popen([*command, str(port_file)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url == f"http://127.0.0.1:{port_file.read_text(encoding='utf-8')}"
        answer = httpx.post(
            f"{url}/graphql",
            json={"query": '{repository(owner:"a",name:"b"){stargazerCount}}'},
            headers={"Authorization": f"bearer {TOKEN}"},
            verify=False,
        )
        assert answer.json() == {"data": {"repository": {"stargazerCount": 7}}}
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_misspelt_fault_of_the_command_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--world", str(tmp_path), "--fault", '{"kind": "teapot"}'])
    assert ended.value.code == 2
    assert "--fault: unknown fault 'teapot'; known are bad-gateway, " in capsys.readouterr().err


def test_demonstration_runs_make_with_the_emulators_and_says_that_figures_are_made_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[list[str], dict[str, str], str]] = []

    def fake_run(command: list[str], *, cwd: Path, env: dict[str, str], check: bool) -> object:
        settings = next(word for word in command if word.startswith("CONFIG=")).partition(",")[2]
        seen.append((command, env, (cwd / settings).read_text(encoding="utf-8")))
        if "enrich" in command:
            (cwd / "build/demo/state.json").write_bytes(dump_state(enriched))
        return subprocess.CompletedProcess(command, 0)

    history = day_by_day([(datetime(2026, 5, 1, tzinfo=UTC), {"x": {"stars": 9}})])
    enriched = State(plugins={"x": {}}, registrations="_plugins", history=history)
    monkeypatch.setattr(subprocess, "run", fake_run)
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setenv("MAKEFLAGS", "BUILD=elsewhere")
    monkeypatch.setenv("GITHUB_TOKEN", "a-real-token")
    plugins = tmp_path / "_plugins"
    plugins.mkdir()
    (plugins / "x.md").write_text("---\nid: x\nsource: https://github.com/a/x\n---\n", encoding="utf-8")
    arguments = ["--plugins", str(plugins), "--build", str(tmp_path / "build/demo"), "--make-arg=-s"]
    assert demo.main(arguments) == 0
    (first, environment, _), (second, _, settings) = seen
    remembered = read_state(tmp_path / "build/demo/state.json").history
    assert (len(remembered.days), len(remembered.weeks)) == (90, 53)
    assert first == [word.replace("site", "enrich") if word == "site" else word for word in second]
    assert second == [
        "make",
        "--no-print-directory",
        "site",
        "PLUGINS=_plugins",
        "CONFIG=_config.yml,build/demo/demo.yml",
        "SITE=build/demo/site",
        "STATE=build/demo/state.json",
        "BUILD=build/demo",
        "-s",
    ]
    assert "MAKEFLAGS" not in environment
    assert environment["GITHUB_TOKEN"] == TOKEN
    assert environment["GITHUB_GRAPHQL_URL"] == f"{environment['GITHUB_API_URL']}/graphql"
    registry = yaml.safe_load(settings)["registry"]
    assert registry["notice"] == "Demonstration: all figures on these pages are made up."
    assert registry["usage"]["exports"]["week"].endswith("/week.json")


def test_settings_of_the_demonstration_and_of_the_benchmark_are_accepted(tmp_path: Path) -> None:
    from registry.settings import load_settings

    path = tmp_path / "demo.yml"
    with Exports({}) as exports:
        path.write_text(yaml.safe_dump(demo.overlay(exports)), encoding="utf-8")
        settings = load_settings([ROOT / "_config.yml", path])
        assert settings.usage.exports.month == exports.month_url
        bench.settings(tmp_path, exports.url)
        settings = load_settings([ROOT / "_config.yml", tmp_path / "bench.yml"])
        assert (settings.usage.exports.month, settings.baseline) == (exports.month_url, None)


def test_generated_registrations_are_of_realistic_size_and_load(tmp_path: Path) -> None:
    from registry.registration.load import load_registrations

    assert generate(["--count", "60", "--out", str(tmp_path)]) == 0
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "_plugins").glob("*.md")]
    assert 2_000 < sum(map(len, texts)) / len(texts) < 3_200
    loaded = load_registrations(tmp_path / "_plugins", "https://github.com")
    assert (len(loaded.registrations), loaded.left_out) == (60, {})
    hosted = {plugin.id for plugin in read_plugins(tmp_path / "_plugins") if plugin.owner}
    assert {registration.id for registration in loaded.registrations if registration.repo} == hosted


def measured(step: str, **figures: float) -> bench.Measured:
    known = {"wall_s": 1.0, "cpu_s": 1.0, "memory_mb": 100.0} | figures
    return bench.Measured(step=step, **known)  # type: ignore[arg-type]


def test_table_sets_figures_beside_their_bars_and_names_what_is_missed() -> None:
    figures = {
        400: [measured("cold", wall_s=2.0, requests=18), measured("jekyll", wall_s=3.2, others=1.5)],
        10_000: [measured("cold", wall_s=40.0, cpu_s=29.0, requests=400), measured("jekyll", cpu_s=31.0)],
    }
    text = bench.table(figures)
    assert "cold          2.00 [2.5]     1.00       100 [500]       18 [40]    0.00       0" in text
    assert "cold        20.0    29.0     1.0      22.2" in text
    assert "Other work ran on this machine (up to 1.5 of" in text
    assert bench.missed(figures) == [
        "400 registrations, jekyll: 3.20 s, at most 3",
        "jekyll: CPU time grew 31.0 times, linear is at most 30",
    ]


BUSY = """
import subprocess, sys
child = "import sys; held = bytearray(60_000_000); print(flush=True); sys.stdin.read()"
started = [
    subprocess.Popen([sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for _ in range(2)
]
for process in started:
    process.stdout.readline()
import time
time.sleep(0.4)  # the time in which both are there to be seen
for process in started:
    process.communicate()
"""


MEASURE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
import bench.run
row = bench.run.run("cold", [sys.executable, "-c", sys.argv[1]], {}, Path(sys.argv[2]))
print(json.dumps(asdict(row)))
"""


def test_step_is_measured_with_its_children(tmp_path: Path) -> None:
    # From a process of its own: Linux counts what the one that starts a step held when it did.
    command = [sys.executable, "-c", MEASURE, BUSY, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    row = json.loads(done.stdout)
    least_mb = 120 if sys.platform == "linux" else 60  # other systems tell of one process at a time
    assert least_mb < row["memory_mb"] < 220
    assert 0 < row["cpu_s"] < 10


def test_failing_step_tells_its_last_words(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "import sys; sys.exit('no such thing')"]
    with pytest.raises(bench.StepError) as error:
        bench.run("feeds", words, {}, tmp_path)
    assert str(error.value) == f"feeds ended with 1:{os.linesep}no such thing{os.linesep}"


def test_registrations_can_be_made_with_a_full_history(tmp_path: Path) -> None:
    assert generate(["--count", "3", "--out", str(tmp_path), "--history"]) == 0
    state = read_state(tmp_path / "build" / "state.json")
    assert (len(state.history.days), len(state.history.weeks)) == (90, 104)
    assert set(state.history.plugins) == {path.stem for path in (tmp_path / "_plugins").iterdir()}
