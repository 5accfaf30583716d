"""Every language answers every shared vector rightly; README.md beside this tells the form."""

import json
from typing import Any

import pytest

from tests.vectors.vectors import FORM, HERE, Vector, answer, held, vectors

pytestmark = pytest.mark.xdist_group("vectors")
FILES = sorted(path.stem for path in HERE.glob("*.json"))


def same(found: Any, expected: Any) -> bool:
    """Tell whether both are the same JSON: 1 is not true."""
    return json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)


@held("python_ranges", "python", "ruby")
def test_range(voice: str, vector: Vector) -> None:
    assert same(answer(voice, vector), vector.expected)


@held("python_ranges", "python:inspection")
def test_range_of_a_pull_request(voice: str, vector: Vector) -> None:
    assert same(answer(voice, vector), vector.expected["python_3"])


@held("python_range_pairs", "python", "ruby")
def test_contradiction(voice: str, vector: Vector) -> None:
    assert answer(voice, vector) is vector.expected


@held("known_pythons", "python:list", "python:merge", "python:inspection", "ruby")
def test_known_python(voice: str, vector: Vector) -> None:
    assert answer(voice, vector) is vector.expected


@held("repository_addresses", "python")
def test_address(voice: str, vector: Vector) -> None:
    assert same(answer(voice, vector), vector.expected)


@held("repository_addresses", "ruby")
def test_address_of_the_tracker(voice: str, vector: Vector) -> None:
    assert answer(voice, vector) == vector.expected["repo"]


@held("slugs", "python", "ruby")
def test_slug(voice: str, vector: Vector) -> None:
    assert answer(voice, vector) is vector.expected


@held("visible_text", "python", "ruby")
def test_visible_text(voice: str, vector: Vector) -> None:
    assert answer(voice, vector) == vector.expected


@held("front_matter", "python", "ruby", "ruby:yaml")
def test_front_matter(voice: str, vector: Vector) -> None:
    assert same(answer(voice, vector), vector.expected)


@held("search_folding", "python", "javascript")
def test_folding(voice: str, vector: Vector) -> None:
    assert answer(voice, vector) == vector.expected


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_vectors_keeps_its_form(file: str) -> None:
    cases = json.loads((HERE / f"{file}.json").read_text(encoding="utf-8"))
    voices = {key for case in cases for key in case.get("disagrees", {})}
    assert {key for case in cases for key in case} <= FORM
    assert len({json.dumps(case["input"]) for case in cases}) == len(cases) > 30
    # A mark that no test asks would stand for ever.
    assert voices <= {"python", "python:inspection", "python:merge", "ruby", "ruby:yaml"}
    assert all(reason for vector in vectors(file) for reason in vector.disagrees.values())
