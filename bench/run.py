"""Measure enrichment and the site's build with invented registrations, and set the figures beside their bars.

    make bench                       400 and 10,000 registrations
    python bench/run.py --sizes 400,1600 --json build/bench/figures.json

For each size the outside world is an emulator in a process of its own, 80 ms away and 4 ms slow for each
repository. The steps are the targets of `make site`, run one by one so that each is measured alone.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LATENCY_MS = 80
PER_REPOSITORY_MS = 4
TOKEN = "emulated-token"
SLACK = 1.2
"""Linear means: at most this times as much as the plugins have grown (30 times for 25 times the plugins)."""
LOOK_S = 0.1
"""Between two looks at the memory of a step's processes, at first."""
SLOW_LOOK_S = 0.5
"""The same after a hundred looks: each one holds up large processes."""
OTHERS = 0.6
"""Processors that the emulators may take beside a step; more is other work."""
INHERITED = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}
"""What a make above this process would hand down to the steps."""

ENRICH_STEPS = ("cold", "warm", "offline")
BUILD_STEPS = ("feeds", "jekyll", "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The most that a step may take."""

    wall_s: float | None = None
    requests: int | None = None
    memory_mb: float = 500.0


# A size that is not here has no bars but memory.
BARS: Mapping[int, Mapping[str, Bar]] = {
    400: {"cold": Bar(wall_s=2.5, requests=40), "warm": Bar(requests=15), "jekyll": Bar(wall_s=3.0)},
    10_000: {"cold": Bar(wall_s=60.0), "jekyll": Bar(wall_s=25.0)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One step of one size."""

    step: str
    wall_s: float
    cpu_s: float
    """User and system time of the process and its children."""
    memory_mb: float
    """Peak memory of the process and its children together, pages that they share counted once."""
    instructions: int | None = None
    """User-space instructions; None where the processor's counters cannot be read."""
    requests: int = 0
    """As the emulators counted them, usage exports included."""
    received_bytes: int = 0
    """Of answers, compressed as they came."""
    others: float = 0.0
    """Processors that everything else on the machine kept busy meanwhile, emulators included."""
    points: int = 0
    """Of GitHub's rate limit."""
    other_requests: int = 0
    """To GitHub, but not to its GraphQL address: none is wanted."""
    reported: Mapping[str, int] = field(default_factory=dict)
    """The traffic that the enrichment's own report tells."""


class StepError(Exception):
    """A step failed; the message holds its last words."""


def main(argv: list[str] | None = None) -> int:
    """Measure and print; exit 1 when a step fails, or with --strict when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", default="400,10000", help="numbers of registrations (400,10000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench", metavar="DIR")
    parser.add_argument("--steps", help="only these, comma-separated: cold,warm,offline,feeds,jekyll,check")
    parser.add_argument("--history", action="store_true", help="begin with a full history of two years")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a bar is missed")
    options = parser.parse_args(argv)
    try:
        sizes = [int(size) for size in options.sizes.split(",")]
    except ValueError:
        parser.error(f"--sizes: {options.sizes!r} are no numbers; write e.g. 400,10000")
    steps = options.steps.split(",") if options.steps else [*ENRICH_STEPS, *BUILD_STEPS]
    if unknown := set(steps) - {*ENRICH_STEPS, *BUILD_STEPS}:
        parser.error(f"--steps: there is no {', '.join(sorted(unknown))}")
    figures: dict[int, list[Measured]] = {}
    failed = False
    try:
        for size in sizes:
            rows = figures.setdefault(size, [])
            for row in measure(size, steps, relative(options.work / str(size)), history=options.history):
                rows.append(row)
    except StepError as error:
        print(error, file=sys.stderr)
        failed = True
    print(table(figures))
    if options.json:
        content = {str(size): [asdict(row) for row in rows] for size, rows in figures.items()}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return 1 if failed or (options.strict and missed(figures)) else 0


def relative(path: Path) -> Path:
    """Return a path as seen from the root, where the steps run. Raises StepError when it lies elsewhere."""
    try:
        return path.resolve().relative_to(ROOT)
    except ValueError:
        raise StepError(f"--work: {path} must lie in {ROOT}: Jekyll reads nothing outside of it") from None


def measure(size: int, steps: Sequence[str], work: Path, *, history: bool = False) -> Iterator[Measured]:
    """Measure the steps for one size, in a folder of its own."""
    os.chdir(ROOT)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    say(f"{size} registrations: inventing them")
    # In a process of its own: what this one holds would count as memory of those that it starts.
    command = [sys.executable, "-m", "bench.generate", "--count", str(size), "--out", str(work)]
    command += ["--history"] if history else []
    subprocess.run(command, cwd=ROOT, check=True)
    with serving(work) as (github, exports):
        config = settings(work, exports)
        environment = {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": github,
            "GITHUB_GRAPHQL_URL": f"{github}/graphql",
            "GITHUB_SERVER_URL": "https://github.com",
        }
        for step in steps:
            counts(github)
            counts(exports)
            say(f"{size} registrations: {step}")
            row = run(step, make(step, work, config), environment, work)
            if step in ENRICH_STEPS:
                row = with_traffic(row, counts(github), counts(exports), work / "build" / "report.json")
            yield row


# The steps are the Makefile's own; those before them are told to be done (`make -o`).
TARGETS: Mapping[str, Sequence[str]] = {
    "cold": ("-o", "setup-python", "enrich"),
    "warm": ("-o", "setup-python", "enrich"),
    "offline": ("-o", "setup-python", "enrich", "ENRICH_FLAGS=--offline"),
    "feeds": ("-o", "setup-python", "feeds"),
    "jekyll": ("-o", "setup", "-o", "feeds", "jekyll"),
    "check": ("-o", "jekyll", "check-site"),
}


def make(step: str, work: Path, config: str) -> list[str]:
    """Return the command of a step."""
    variables = {
        "PYTHON": sys.executable,
        "PLUGINS": work / "_plugins",
        "CONFIG": config,
        "BUILD": work / "build",
        "SITE": work / "site",
    }
    given = [f"{name}={value}" for name, value in variables.items()]
    return ["make", "--no-print-directory", *TARGETS[step], *given]


def settings(work: Path, exports: str) -> str:
    """Write the settings of the bench over the registry's own; return the value of CONFIG."""
    path = work / "bench.yml"
    usage = f"{{exports: {{week: {exports}/week.json, month: {exports}/month.json}}}}"
    path.write_text(f"registry:\n  baseline: null\n  usage: {usage}\n", encoding="utf-8")
    return f"_config.yml,{path}"


# Measuring


def run(step: str, command: list[str], environment: Mapping[str, str], work: Path) -> Measured:
    """Run a command and measure it. Raises StepError when it fails."""
    log = work / f"{step}.log"
    counted = work / "instructions.txt"
    counted.unlink(missing_ok=True)
    if counters_work():
        command = ["perf", "stat", "-x,", "-o", str(counted), "-e", "instructions:u", "--", *command]
    inherited = {name: value for name, value in os.environ.items() if name not in INHERITED}
    with log.open("wb") as output:
        busy_s = machine_busy_s()
        started = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=ROOT, env=inherited | dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
        with watched(child.pid) as peak:
            _, status, used = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - started
        busy_s = machine_busy_s() - busy_s
        child.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it again
    if child.returncode != 0:
        last = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
        raise StepError(f"{step} ended with {child.returncode}:\n{last}")
    unit = 1 if sys.platform == "darwin" else 1_024  # of ru_maxrss
    cpu_s = used.ru_utime + used.ru_stime
    if step == "check":  # reads in processes of a fork server, whose time is told to nobody
        cpu_s = busy_s
    return Measured(
        step=step,
        wall_s=wall_s,
        cpu_s=cpu_s,
        others=max(0.0, busy_s - cpu_s) / wall_s,
        memory_mb=max(used.ru_maxrss * unit, *peak) / 1e6,
        instructions=instructions(counted),
    )


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """Give a list that grows by the bytes that a process and its children hold, looked at now and then."""
    seen = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(LOOK_S if len(seen) < 100 else SLOW_LOOK_S):
            seen.append(sum(map(held_bytes, family(pid))))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def family(pid: int) -> Iterator[int]:
    """List a process and its descendants, as Linux tells them; elsewhere the process alone."""
    yield pid
    # A child stands under the thread that started it.
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = listed.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def held_bytes(pid: int) -> int:
    """Return a process's share of memory (PSS): what it shares with others is divided among them."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1_024
    except OSError:
        return 0


def machine_busy_s() -> float:
    """Return the seconds that all processors have worked since the start; 0 where Linux does not tell."""
    try:
        with open("/proc/stat", encoding="ascii") as stat:
            ticks = [int(number) for number in stat.readline().split()[1:9]]
    except OSError:
        return 0.0
    idle_and_waiting = ticks[3] + ticks[4]
    return (sum(ticks) - idle_and_waiting) / os.sysconf("SC_CLK_TCK")


def counters_work() -> bool:
    """Say whether `perf` can count instructions here; in most virtual machines it cannot."""
    if shutil.which("perf") is None:
        return False
    command = ["perf", "stat", "-x,", "-e", "instructions:u", "--", "true"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    return tried.returncode == 0 and "<not" not in tried.stderr


def instructions(counted: Path) -> int | None:
    """Read what perf wrote."""
    if not counted.exists():
        return None
    for line in counted.read_text(encoding="utf-8").splitlines():
        number, _, rest = line.partition(",")
        if "instructions" in rest and number.isdigit():
            return int(number)
    return None


def with_traffic(
    row: Measured, github: Mapping[str, int], exports: Mapping[str, int], report: Path
) -> Measured:
    """Add what the emulators counted and what the report tells."""
    told = json.loads(report.read_text(encoding="utf-8")).get("traffic", {})
    known = asdict(row) | {
        "requests": github["requests"] + exports["requests"],
        "received_bytes": github["sent_bytes"] + exports["sent_bytes"],
        "points": github["points"],
        "other_requests": github["other_requests"],
        "reported": {key: value for key, value in told.items() if isinstance(value, int)},
    }
    return Measured(**known)


# The emulators


@contextmanager
def serving(work: Path) -> Iterator[tuple[str, str]]:
    """Start both emulators as processes; give their addresses."""
    github = [f"--world={work}/world.json", f"--per-repository-ms={PER_REPOSITORY_MS}", f"--token={TOKEN}"]
    exports = [f"--exports={work}/exports.json"]
    with emulator("github", github, work) as first, emulator("exports", exports, work) as second:
        yield first, second


@contextmanager
def emulator(name: str, arguments: list[str], work: Path) -> Iterator[str]:
    """Start one emulator and wait until it answers."""
    port_file = work / f"{name}.port"
    command = [sys.executable, "-m", f"tests.emulators.{name}", *arguments]
    command += [f"--latency-ms={LATENCY_MS}", f"--port-file={port_file}"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while not port_file.exists():
            if process.poll() is not None:
                raise StepError(f"the emulator of {name} ended with {process.returncode}")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port_file.read_text(encoding='utf-8')}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def counts(url: str) -> dict[str, int]:
    """Return what an emulator has counted since the last call."""
    with urllib.request.urlopen(f"{url}/_emulator/counts?forget", timeout=10) as answer:
        counted: dict[str, int] = json.load(answer)
    if counted.get("not_emulated"):
        raise StepError(f"the emulator lacks what was asked for: {counted['not_emulated']}")
    return counted


# Printing


def table(figures: Mapping[int, Sequence[Measured]]) -> str:
    """Lay the figures out for people: a table a size, then the growth from the first size to the last."""
    lines = [
        f"GitHub is {LATENCY_MS} ms away and takes {PER_REPOSITORY_MS} ms a repository. Bars in brackets."
    ]
    counted = any(row.instructions for rows in figures.values() for row in rows)
    for size, rows in figures.items():
        head = f"{'':8}{'wall s':>16}{'CPU s':>9}{'peak MB':>16}{'requests':>14}{'MB in':>8}{'points':>8}"
        lines += ["", f"{size:,} registrations", head + (f"{'G instr.':>10}" if counted else "")]
        for row in rows:
            bar = BARS.get(size, {}).get(row.step, Bar())
            asked = row.step in ENRICH_STEPS
            line = f"{row.step:8}{beside(row.wall_s, bar.wall_s, 2):>16}{row.cpu_s:>9.2f}"
            line += f"{beside(row.memory_mb, bar.memory_mb, 0):>16}"
            line += f"{beside(row.requests, bar.requests, 0) if asked else '':>14}"
            line += f"{row.received_bytes / 1e6:>8.2f}{row.points:>8}" if asked else f"{'':16}"
            line += f"{row.instructions / 1e9:>10.2f}" if row.instructions else ""
            lines.append(line.rstrip())
    first, last = min(figures), max(figures)
    if first != last:
        ratio = last / first
        lines += [
            "",
            f"Growth from {first:,} to {last:,} ({ratio:g} times; linear is at most {ratio * SLACK:g})",
        ]
        lines.append(f"{'':8}{'wall':>8}{'CPU':>8}{'memory':>8}{'requests':>10}")
        for small, large in pairs(figures):
            line = f"{small.step:8}{large.wall_s / small.wall_s:>8.1f}{large.cpu_s / small.cpu_s:>8.1f}"
            line += f"{large.memory_mb / small.memory_mb:>8.1f}"
            line += f"{large.requests / small.requests:>10.1f}" if small.requests else ""
            lines.append(line)
    if busy := busiest(figures):
        lines += ["", f"Other work ran on this machine ({busy}): wall times say little, CPU times hold."]
    faults = missed(figures)
    lines += ["", *(f"MISSED: {fault}" for fault in faults)] if faults else ["", "Every bar is kept."]
    return "\n".join(lines)


def busiest(figures: Mapping[int, Sequence[Measured]]) -> str:
    """Say how much others wanted of the processors, when that was more than there was to have."""
    cores = os.cpu_count() or 1
    most = max((row.others for rows in figures.values() for row in rows), default=0.0)
    return f"up to {most:.1f} of {cores} processors" if most > OTHERS else ""


def beside(value: float, bar: float | None, digits: int) -> str:
    """Write a figure, and its bar in brackets."""
    return f"{value:,.{digits}f}" + (f" [{bar:g}]" if bar is not None else "")


def pairs(figures: Mapping[int, Sequence[Measured]]) -> Iterator[tuple[Measured, Measured]]:
    """Pair the steps of the smallest size with those of the largest."""
    large = {row.step: row for row in figures[max(figures)]}
    return ((row, large[row.step]) for row in figures[min(figures)] if row.step in large)


def missed(figures: Mapping[int, Sequence[Measured]]) -> list[str]:
    """Return a sentence for each bar that is not kept."""
    faults = []
    for size, rows in figures.items():
        for row in rows:
            bar = BARS.get(size, {}).get(row.step, Bar())
            here = f"{size:,} registrations, {row.step}"
            if bar.wall_s is not None and row.wall_s > bar.wall_s:
                faults.append(f"{here}: {row.wall_s:.2f} s, at most {bar.wall_s:g}")
            if bar.requests is not None and row.requests > bar.requests:
                faults.append(f"{here}: {row.requests} requests, at most {bar.requests}")
            if row.memory_mb > bar.memory_mb:
                faults.append(f"{here}: {row.memory_mb:.0f} MB, at most {bar.memory_mb:g}")
            if row.other_requests:
                faults.append(f"{here}: {row.other_requests} requests to other addresses of GitHub")
    most = max(figures) / min(figures) * SLACK
    for small, large in pairs(figures):
        growth = large.cpu_s / small.cpu_s
        if growth > most:
            faults.append(f"{small.step}: CPU time grew {growth:.1f} times, linear is at most {most:g}")
    return faults


def say(words: str) -> None:
    """Tell how far things are."""
    print(f"bench: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
