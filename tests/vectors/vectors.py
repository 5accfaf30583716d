"""The shared vectors: read, made into pytest's cases, and put to each language in one process."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.vectors import python_answers

HERE = Path(__file__).parent
FORM = {"input", "expected", "why", "disagrees"}
SHOWN = 60
"""Characters of an input in the name of its case."""
PROGRAMS = {"ruby": ("ruby", "answers.rb"), "javascript": ("node", "answers.mjs")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One case."""

    file: str
    """Name of the vector file without `.json`."""
    number: int
    """Place in its file, from 0."""
    input: Any
    """What is asked, with repeated parts written out."""
    expected: Any
    disagrees: dict[str, str]
    """Who answers otherwise today, and the reason."""
    name: str
    """The input as the file has it, cut short."""


@cache
def vectors(file: str) -> tuple[Vector, ...]:
    """Return the cases of a vector file."""
    cases = json.loads((HERE / f"{file}.json").read_text(encoding="utf-8"))
    return tuple(
        Vector(
            file=file,
            number=number,
            input=_written_out(case["input"]),
            expected=_written_out(case["expected"]),
            disagrees=case.get("disagrees", {}),
            name=_name(case["input"]),
        )
        for number, case in enumerate(cases)
    )


def held(file: str, *voices: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with each voice and each case of a file; where the voice disagrees today it must fail."""
    return pytest.mark.parametrize(
        ("voice", "vector"),
        [
            pytest.param(voice, vector, id=f"{voice}-{vector.name}", marks=_marks(voice, vector))
            for voice in voices
            for vector in vectors(file)
            if _can_be_put(voice, vector)
        ],
    )


def _marks(voice: str, vector: Vector) -> list[pytest.MarkDecorator]:
    reason = vector.disagrees.get(voice)
    # Only a wrong answer counts as the disagreement, and not a language that cannot be asked.
    return [pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError)] if reason else []


def _can_be_put(voice: str, vector: Vector) -> bool:
    """Tell whether the language can hold the input: Ruby's texts are UTF-8, without halves of pairs."""
    if not voice.startswith("ruby"):
        return True
    try:
        json.dumps(vector.input, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def answer(voice: str, vector: Vector) -> Any:
    """Return what a voice says to a case: a language, or `language:part` where one has several readers."""
    return _answers(voice)[vector.file][vector.number]


@cache
def _answers(voice: str) -> dict[str, list[Any]]:
    """Return what a voice answers to every case that it knows, by file: one process for all of them."""
    language, _, part = voice.partition(":")
    asked = {
        path.stem: [vector.input if _can_be_put(voice, vector) else "" for vector in vectors(path.stem)]
        for path in HERE.glob("*.json")
    }
    if language == "python":
        return python_answers.answers(part, asked)
    command, script = PROGRAMS[language]
    program = shutil.which(command)
    if program is None:
        raise RuntimeError(f"{command} is needed; run scripts/setup.sh test")
    done = subprocess.run(
        [program, str(HERE / script), part],
        input=json.dumps(asked).encode(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        trouble = done.stderr.decode(errors="replace")[:2_000]
        raise RuntimeError(f"{script} ended with {done.returncode}: {trouble}")
    answers: dict[str, list[Any]] = json.loads(done.stdout)
    return answers


def _written_out(value: Any) -> Any:
    """Return an input with each `{"parts": ["text", ["text", times], …]}` as one text."""
    if isinstance(value, list):
        return [_written_out(item) for item in value]
    if isinstance(value, dict) and "parts" in value:
        return "".join(part if isinstance(part, str) else part[0] * part[1] for part in value["parts"])
    if isinstance(value, dict):
        return {key: _written_out(item) for key, item in value.items()}
    return value


def _name(value: Any) -> str:
    if isinstance(value, dict) and "parts" in value:
        value = [part if isinstance(part, str) else f"{part[0]}{{{part[1]}}}" for part in value["parts"]]
        value = "".join(value)
    texts = value if isinstance(value, list) else [value]
    name = " ".join(text if isinstance(text, str) else _name(text) for text in texts)
    return json.dumps(name)[1:-1][:SHOWN]
