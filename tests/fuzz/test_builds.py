"""One property: whatever one input brings, the build publishes every plugin that it did not touch.

Twenty broken inputs share a build with untouched plugins; a build that goes wrong is halved until the guilty
one is found, and named with the seed that makes it again. `make fuzz FUZZ_BUILDS=…` tries more of them.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulators.github import GitHub
from tests.fuzz.broken import Broken, usage
from tests.fuzz.outside import broken_answer, broken_export, broken_state
from tests.fuzz.registrations import broken_registration
from tests.fuzz.whole import EXPORTED, Outcome, Workshop

BUILDS = int(os.environ.get("FUZZ_BUILDS", "25"))
SEED = os.environ.get("FUZZ_SEED", "almanac")
TOGETHER = 20

pytestmark = [pytest.mark.site, pytest.mark.slow]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with GitHub() as github:
        yield Workshop(tmp_path_factory.mktemp("fuzz"), github)


@pytest.fixture(scope="module")
def sound_state(workshop: Workshop) -> bytes:
    """Return the state that a build without any fault leaves; it must publish all."""
    assert workshop.build().trouble == ()
    return workshop.keep_state()


def inputs_of(build: int, state: bytes) -> list[Broken]:
    """Return twenty broken inputs, the same for the same number; at most one export and one state of them."""
    chance = random.Random(f"{SEED}:{build}")
    seeds = [f"{SEED}:{build}:{number}" for number in range(TOGETHER)]
    made = [
        broken_answer(seed) if chance.random() < 0.3 else broken_registration(seed) for seed in seeds[:-1]
    ]
    sound = {"_generated": EXPORTED, "plugins": {"plain": usage(1_004), "other": usage(7)}}
    whole = broken_state(seeds[-1], state) if build % 2 else broken_export(seeds[-1], sound)
    return [*made, whole]


@pytest.mark.parametrize("build", range(BUILDS))
def test_a_build_publishes_every_plugin_that_a_broken_input_did_not_touch(
    build: int, workshop: Workshop, sound_state: bytes, tmp_path: Path
) -> None:
    inputs = inputs_of(build, sound_state)
    trouble = workshop.build(*inputs).trouble
    if trouble:
        guilty = workshop.culprits(inputs)
        pytest.fail(f"{[one.name for one in guilty]}: {workshop.build(*guilty).trouble or trouble}")


class Picky(Workshop):
    """A workshop in which no site is built: an input of a given name makes the build go wrong."""

    def __init__(self, *guilty: str) -> None:
        self.guilty = set(guilty)

    def build(self, *inputs: Broken) -> Outcome:
        wrong = self.guilty <= {one.name for one in inputs}
        return Outcome(output="", trouble=("wrong",) if wrong else ())


@pytest.mark.parametrize("guilty", [("0",), ("13",), ("19",), ("2", "17")])
def test_a_build_that_goes_wrong_is_traced_to_its_input(guilty: tuple[str, ...]) -> None:
    found = Picky(*guilty).culprits([Broken(name=str(number)) for number in range(TOGETHER)])
    assert set(guilty) <= {one.name for one in found}
    assert len(found) == 1 or len(guilty) > 1
