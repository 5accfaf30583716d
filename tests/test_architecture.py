"""Every module stands in a room, imports run from a room to those below it, and the merge does no I/O.

The order of the rooms, from the top to the bottom, is that of the table in docs/architecture.md.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("architecture")

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "scripts"
GUIDE = ROOT / "docs" / "architecture.md"
ROW = re.compile(r"^\| `scripts/registry/([a-z_]+)(?:/|\.py)` \| ", re.MULTILINE)
LOOSE = {"__init__.py", "settings.py"}
"""What stands beside the rooms; `settings` has its place in the order."""
PURE = {
    "bisect", "collections", "dataclasses", "datetime", "functools", "itertools", "json", "math", "packaging",
    "re", "typing", "urllib.parse",
}  # fmt: skip
"""What the merge may import beside the house: none of it opens a file or a socket, or starts a program."""
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"}

House = Mapping[str, ast.Module]
"""Dotted name to module."""


def read_house(scripts: Path) -> dict[str, ast.Module]:
    """Return all modules of `registry`."""
    house = {}
    for path in sorted((scripts / "registry").rglob("*.py")):
        name = ".".join(path.relative_to(scripts).with_suffix("").parts).removesuffix(".__init__")
        house[name] = ast.parse(path.read_bytes(), str(path))
    return house


def imports_of(name: str, house: House) -> Iterator[tuple[str, int]]:
    """Yield what a module imports, wherever in it: (dotted name of a module, line)."""
    for node in ast.walk(house[name]):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{name}:{node.lineno}: write the whole name of the module"
            assert not node.level, f"{name}:{node.lineno}: write the whole name of the module"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in house else node.module), node.lineno


def room_of(name: str) -> str:
    """Return the room of a module: `registry.feeds.list.facets` is in `feeds`; "" is the house itself."""
    return name.split(".")[1] if "." in name else ""


def arrows_up(house: House, order: list[str]) -> list[str]:
    """Return each import that does not run down from one room to another. The house itself lies lowest."""
    place = {room: number for number, room in enumerate([*order, ""])}
    return [
        f"{name}:{line}: imports {imported}, which is not below it"
        for name in house
        for imported, line in imports_of(name, house)
        if imported in house
        and room_of(name) != room_of(imported)
        and place[room_of(imported)] < place[room_of(name)]
    ]


def reached_from(name: str, house: House) -> set[str]:
    """Return the modules that run when `name` is imported: what they import, and the packages they are in."""
    reached, waiting = set(), {name}
    while waiting:
        current = waiting.pop()
        reached.add(current)
        imported = {each for each, _ in imports_of(current, house) if each in house}
        waiting |= (imported | {current.rpartition(".")[0]} & set(house)) - reached
    return reached


def impurities(name: str, house: House) -> list[str]:
    """Return what in a module, or in what it imports, may reach the world outside."""
    found = []
    for reached in sorted(reached_from(name, house)):
        for imported, line in imports_of(reached, house):
            if imported not in house and imported not in PURE and imported.split(".")[0] not in PURE:
                found.append(f"{reached}:{line}: imports {imported}")
        for node in ast.walk(house[reached]):
            if isinstance(node, ast.Name) and node.id in IMPURE_CALLS:
                found.append(f"{reached}:{node.lineno}: uses {node.id}")
    return found


def circle(house: House) -> list[str]:
    """Return modules that import one another in a circle, none where there is no such circle."""
    arrows = {name: {each for each, _ in imports_of(name, house) if each in house} for name in house}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.fixture(scope="module")
def house() -> House:
    return read_house(SCRIPTS)


@pytest.fixture(scope="module")
def order() -> list[str]:
    return ROW.findall(GUIDE.read_text(encoding="utf-8"))


def test_the_guide_names_every_room_on_a_line_of_its_own_and_no_other(order: list[str]) -> None:
    rooms = [path.name for path in (SCRIPTS / "registry").iterdir() if (path / "__init__.py").is_file()]
    assert sorted(order) == sorted([*rooms, "settings"])


def test_no_module_stands_loose_and_no_folder_is_without_a_sentence(house: House) -> None:
    folder = SCRIPTS / "registry"
    assert {path.name for path in folder.glob("*.py")} == LOOSE
    sources = {path.parent for path in folder.rglob("*.py")}
    rooms = {".".join(path.relative_to(SCRIPTS).parts): path for path in sources}
    assert [name for name in rooms if name not in house or not ast.get_docstring(house[name])] == []


def test_imports_run_down(house: House, order: list[str]) -> None:
    assert arrows_up(house, order) == []


def test_modules_form_no_circle(house: House) -> None:
    assert circle(house) == []


def test_the_merge_stands_on_nothing_that_reads_or_writes(house: House) -> None:
    assert impurities("registry.enrich.merge", house) == []


def made_up(**modules: str) -> dict[str, ast.Module]:
    """Return a house of two rooms, `upper` above `lower`, with these modules."""
    texts = {
        "": "",
        "upper": "",
        "lower": "",
        **{name.replace("__", "."): text for name, text in modules.items()},
    }
    return {f"registry.{name}".rstrip("."): ast.parse(text) for name, text in texts.items()}


@pytest.mark.parametrize(
    "text",
    [
        "from registry.upper.a import x",
        "from registry.upper import a",
        "import registry.upper.a",
        "def f():\n    from registry.upper.a import x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import registry.upper.a as a",
        "from registry import upper",
    ],
)
def test_an_arrow_up_is_found_wherever_it_stands(text: str) -> None:
    house = made_up(upper__a="from registry.lower import b", lower__b=text)
    (fault,) = arrows_up(house, ["upper", "lower"])
    assert re.fullmatch(r"registry\.lower\.b:\d: imports registry\.upper(\.a)?, which is not below it", fault)
    house = made_up(upper__a="from registry.lower import b", lower__b="from registry import version")
    assert arrows_up(house, ["upper", "lower"]) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("import httpx", "registry.lower.b:1: imports httpx"),
        ("from pathlib import Path", "registry.lower.b:1: imports pathlib"),
        ("from urllib.request import urlopen", "registry.lower.b:1: imports urllib.request"),
        ("def f(x):\n    return open(x)", "registry.lower.b:2: uses open"),
        ("import importlib", "registry.lower.b:1: imports importlib"),
    ],
)
def test_what_reaches_out_is_found_through_what_is_imported(text: str, fault: str) -> None:
    house = made_up(upper__a="from registry.lower.b import x", lower__b=text)
    assert impurities("registry.upper.a", house) == [fault]
    in_the_package = {
        **made_up(upper__a="from registry.lower.b import x", lower__b=""),
        "registry.lower": ast.parse(text),
    }
    assert impurities("registry.upper.a", in_the_package) == [fault.replace(".b:", ":")]
    assert impurities("registry.upper.a", made_up(upper__a="import re\nfrom urllib.parse import quote")) == []


def test_a_circle_is_found() -> None:
    house = made_up(
        lower__a="from registry.lower.b import x", lower__b="from registry.lower.c import x", lower__c=""
    )
    assert circle(house) == []
    house["registry.lower.c"] = ast.parse("def f():\n    import registry.lower.a")
    assert sorted(set(circle(house))) == ["registry.lower.a", "registry.lower.b", "registry.lower.c"]
