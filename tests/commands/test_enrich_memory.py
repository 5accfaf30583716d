"""What hosts may send, and how little memory enrichment takes of it: the peak of a real process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.commands.test_enrich import CONFIG
from tests.emulators.endless import KINDS, Endless, Kind

ROOT = Path(__file__).parents[2]
MOST_MB = 300
PLUGINS = 64
# Not getrusage's ru_maxrss: that begins with the size of the process that started this one.
PROGRAM = """
import os, re, runpy, sys
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    peak_kb = re.search(r"VmHWM:\\s+([0-9]+) kB", open("/proc/self/status").read())[1]
    print(end.code, int(peak_kb) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_all_hosts_send_at_once_enrichment_stays_below_300_mb(tmp_path: Path, kind: Kind) -> None:
    plugins = tmp_path / "_plugins"
    plugins.mkdir()
    for n in range(PLUGINS):
        source = f"https://github.com/maker/p{n}"
        data = {"layout": "plugin", "id": f"p{n}", "title": "P", "description": "d", "author": "a"}
        data |= {"license": "MIT", "date": "2024-01-02", "homepage": source, "source": source}
        data["archive"] = f"{source}/archive/main.zip"
        (plugins / f"p{n}.md").write_text(f"---\n{yaml.safe_dump(data)}---\n", encoding="utf-8")
    with Endless(kind) as host:
        limits = {"timeout_s": 2, "patience_s": 2, "concurrency": 32, "batch_size": 2}
        exports = {"week": f"{host.url}/week.json", "month": f"{host.url}/month.json"}
        registry = {**CONFIG["registry"], "limits": limits, "usage": {"exports": exports}}
        config = tmp_path / "_config.yml"
        config.write_text(yaml.safe_dump({**CONFIG, "registry": registry}), encoding="utf-8")
        arguments = ["--plugins", str(plugins), "--out", str(tmp_path / "out"), "--config", str(config)]
        arguments += ["--state", str(tmp_path / "state.json"), "--report", str(tmp_path / "report.json")]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(ROOT / "scripts" / "enrich.py"), *arguments],
            env={**os.environ, "GITHUB_TOKEN": "t", "GITHUB_GRAPHQL_URL": f"{host.url}/graphql"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        asked = {request.path for request in host.requests}
    assert "Traceback" not in done.stderr
    assert asked == {"/week.json", "/month.json", "/graphql"}
    status, peak_mb = map(int, done.stdout.split())
    assert status == 0
    assert peak_mb < MOST_MB, done.stderr
    report = json.loads((tmp_path / "report.json").read_bytes())
    for name in ("usage_week", "usage_month", "github"):
        assert report["sources"][name]["trouble"], name
        assert report["sources"][name]["found"] == 0
