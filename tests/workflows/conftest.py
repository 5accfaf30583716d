"""A forge with nothing in it but what a test puts there, for tests of the runner itself."""

from collections.abc import Callable, Iterator
from textwrap import dedent, indent

import pytest

from tests.workflows.events import Event, schedule
from tests.workflows.forge import Forge, open_forge
from tests.workflows.runner import Result, run_workflow

CHECKOUT = "actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0"

Play = Callable[..., Result]


@pytest.fixture(scope="session")
def empty_forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with open_forge(tmp_path_factory.mktemp("forge"), files={"README.md": "Nothing yet.\n"}) as forge:
        forge.secrets["SECRET"] = "s3cret-of-the-registry"
        yield forge


@pytest.fixture
def play(empty_forge: Forge) -> Play:
    """Return a function that runs a workflow of these jobs, after pushing it and `files`."""

    def run(
        jobs: str, *, on: str = "{push: , schedule: [{cron: 5 5 * * *}]}", head: str = "", **more: object
    ) -> Result:
        text = f"name: play\non: {on}\n{dedent(head)}jobs:\n{indent(dedent(jobs), '  ')}"
        files = more.pop("files", {})
        assert isinstance(files, dict)
        empty_forge.origin.push({".github/workflows/play.yml": text, **files})
        event = more.pop("event", schedule)
        made = event if isinstance(event, Event) else event(empty_forge)  # type: ignore[operator]
        return run_workflow(empty_forge, "play.yml", made, **more)  # type: ignore[arg-type]

    return run


def steps(text: str, keys: str = "") -> str:
    """Return the job `one` with these steps."""
    return (
        f"one:\n  runs-on: ubuntu-24.04\n{indent(dedent(keys), '  ')}  steps:\n{indent(dedent(text), '    ')}"
    )
