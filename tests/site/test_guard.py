"""What the layouts are given of a registration's facts."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from registry.merge import same_pythons

ROOT = Path(__file__).parents[2]
SCRIPT = 'puts JSON.dump(JSON.parse($stdin.read).map { |data| Almanac::Guard.clean(data, "x") })'


def guarded(*registrations: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what `_jekyll/guard.rb` makes of front matter."""
    told = subprocess.run(
        ["ruby", "-rjson", "-rdate", f"-r{ROOT / '_jekyll' / 'guard.rb'}", "-e", SCRIPT],
        input=json.dumps(
            [{"title": "T", "source": "https://github.com/o/n", **data} for data in registrations]
        ),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    result: list[dict[str, Any]] = json.loads(told.stdout)
    return result


def test_no_release_is_none_when_github_was_asked_and_unknown_when_it_was_not() -> None:
    asked, old = guarded(
        {"github": {"repo": "o/n", "releases": 1, "archived": False}},
        {"github": {"repo": "o/n", "releases": 1}},
    )
    assert (asked["github"]["release"], asked["github"]["complete"]) == (None, True)
    assert (old["github"]["release"], old["github"]["complete"]) == (None, False)


RANGES = [
    (">=3,<4", ">=3,<4"),
    (">=3,<4", "<4, >=3.0"),
    (">=3.7,<4", ">=3.7,<4.0"),
    (">=2.7,<4", ">=3,<4"),
    (">=3.7,<4", ">=3.10,<4"),
    (">=3", ">=3,<4"),
]


@pytest.mark.parametrize(("registered", "found"), RANGES)
def test_page_and_report_agree_on_contradictions(registered: str, found: str) -> None:
    evidence = {"python": found, "registered": registered, "path": "x.py", "line": 1}
    [page] = guarded({"compatibility_evidence": evidence})
    assert page["evidence"]["contradicts"] is not same_pythons(registered, found)
