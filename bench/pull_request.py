"""Measure the work that *validate* does on a pull request with one changed file among many.

    make bench-review                one changed registration of 400
    python bench/pull_request.py --count 10000

A repository of invented registrations is made, with a merge commit as GitHub makes it; then the workflow's
two commands run on it. Set-up and the fetch are not measured: they depend on GitHub and on its caches.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "bench" / "pull-request"
BARS_S = {"review": 1.0, "review and preview": 10.0}
"""The issue of the workflows: validation under 1 s, everything under 10 s, after set-up."""


def main(argv: list[str] | None = None) -> int:
    """Measure; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="bench/pull_request.py", description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="registrations (%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="the best of so many counts (%(default)s)")
    options = parser.parse_args(argv)
    repository = make_repository(options.count)
    best: dict[str, float] = {}
    for _ in range(options.runs):
        review_s = run("review", repository)
        whole_s = review_s + run("preview", repository)
        best["review"] = min(best.get("review", review_s), review_s)
        best["review and preview"] = min(best.get("review and preview", whole_s), whole_s)
    print(f"One changed registration of {options.count}, best of {options.runs}:\n")
    print("| step | s | bar |\n|---|---|---|")
    for step, seconds in best.items():
        print(f"| {step} | {seconds:.2f} | {BARS_S[step]:g} |")
    return int(any(seconds > BARS_S[step] for step, seconds in best.items()))


def make_repository(count: int) -> Path:
    """Make a repository whose HEAD merges a change of one registration; return its folder."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    command = [sys.executable, "-m", "bench.generate", "--count", str(count), "--out", str(WORK)]
    subprocess.run(command, cwd=ROOT, check=True)
    shutil.copy(ROOT / "_config.yml", WORK)
    git("init", "--quiet", "--initial-branch=main")
    git("add", "_plugins", "_config.yml")
    git("commit", "--quiet", "--message=Registrations")
    git("switch", "--quiet", "--create=change")
    changed = sorted((WORK / "_plugins").glob("*.md"))[count // 2]
    changed.write_text(changed.read_text(encoding="utf-8") + "\nOne more sentence.\n", encoding="utf-8")
    git("commit", "--quiet", "--all", "--message=One more sentence")
    git("switch", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "--message=As GitHub merges it", "change")
    return WORK


def git(*arguments: str) -> None:
    """Run git in the repository, without anybody's own settings."""
    who = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(WORK), *who, *arguments], check=True)


def run(name: str, repository: Path) -> float:
    """Run one of the two commands; return its wall time in seconds."""
    command = [sys.executable, f"scripts/{name}.py", "HEAD", "--repository", str(repository)]
    command += ["--out", str(repository / "review")]
    environment = {**os.environ, "JEKYLL": str(ROOT / ".cache" / "bin" / "jekyll")}
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
