"""The quick sanitiser of bodies answers as the careful one does, wherever it answers at all."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.vectors import bodies

MARKDOWN, HTML = 1_000, 4_000
"""How many bodies are made by chance."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("sanitisers")]


@pytest.fixture(scope="module")
def asked() -> dict[str, list[str]]:
    return {"markdown": bodies.markdown(MARKDOWN), "html": bodies.html(HTML)}


@pytest.fixture(scope="module")
def answers(asked: dict[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    """Return what `sanitisers.rb` says of all of them, in one process."""
    ruby = shutil.which("ruby")
    assert ruby is not None
    script = Path(__file__).with_name("sanitisers.rb")
    done = subprocess.run(
        [ruby, str(script)], input=json.dumps(asked).encode(), capture_output=True, check=True, timeout=300
    )
    told: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_a_browser_makes_the_same_of_both_answers(
    kind: str, answers: dict[str, list[dict[str, Any]]]
) -> None:
    differing = [answer for answer in answers[kind] if "quick" in answer]
    shortest = sorted(differing, key=lambda answer: len(answer["html"]))[:5]
    assert shortest == [], f"{len(differing)} differ"


@pytest.mark.parametrize(("kind", "least"), [("markdown", 0.3), ("html", 0.1)])
def test_the_quick_one_answers_often_enough_to_be_compared(
    kind: str, least: float, answers: dict[str, list[dict[str, Any]]]
) -> None:
    told = answers[kind]
    assert sum(answer["answered"] for answer in told) > least * len(told)


def test_what_is_nested_too_deeply_is_left_to_the_careful_one(
    asked: dict[str, list[str]], answers: dict[str, list[dict[str, Any]]]
) -> None:
    deep = [
        answer["answered"]
        for body, answer in zip(asked["markdown"], answers["markdown"], strict=True)
        if body.startswith((">" * 3_000, "<b>" * 3_000))
    ]
    assert deep == [False, False]
