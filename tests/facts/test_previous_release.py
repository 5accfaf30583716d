"""The release before this one reads the state that this one writes, or says that it is of a newer version.

`tests/data/previous_release` holds what that release shipped: the schema, which refuses a whole state for a
single new key, and a full state. So a new shape needs a new `schema_version`; docs/operating.md says how the
folder is renewed.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from registry.facts.state import dump_state, parse_state
from registry.text.json_schemas import schema

DATA = Path(__file__).resolve().parents[1] / "data"
FULL = DATA / "state/full.json"
"""A state that has whatever a state may have today."""
PREVIOUS = DATA / "previous_release"


def properties(node: Any) -> set[str]:
    """Return every property that a schema names."""
    found: set[str] = set()
    if isinstance(node, dict):
        found |= set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
        node = list(node.values())
    return found.union(*map(properties, node)) if isinstance(node, list) else found


def keys(node: Any) -> set[str]:
    """Return every key of a document."""
    if isinstance(node, dict):
        return set(node).union(*map(keys, node.values()))
    return set().union(*map(keys, node)) if isinstance(node, list) else set()


def refused_by(released: Any, content: Any) -> list[str]:
    """Return the places that the released schema says do not fit."""
    faults = jsonschema_rs.validator_for(released).iter_errors(content)
    return ["/".join(map(str, fault.instance_path)) for fault in faults]


@pytest.fixture(scope="module")
def released() -> Any:
    return json.loads((PREVIOUS / "state.schema.json").read_bytes())


def test_the_full_state_has_every_property_that_the_schema_knows() -> None:
    full = json.loads(FULL.read_bytes())
    assert properties(schema("state")) - keys(full) == set()
    assert json.loads(dump_state(parse_state(FULL.read_bytes(), "full"))) == full


def test_the_previous_release_reads_the_present_state_or_says_that_it_is_newer(released: Any) -> None:
    written = json.loads(dump_state(parse_state(FULL.read_bytes(), "full")))
    faults = refused_by(released, written)
    assert not faults or "schema_version" in faults, (
        "the state has a new shape under an old version: raise SCHEMA_VERSION and let the schema take both"
    )


def test_a_state_without_what_is_new_is_read_by_the_previous_release(released: Any) -> None:
    state = replace(parse_state(FULL.read_bytes(), "full"), doubted_since={})
    assert refused_by(released, json.loads(dump_state(state))) == []


def test_this_release_reads_what_the_previous_one_wrote(released: Any) -> None:
    content = json.loads((PREVIOUS / "state.json").read_bytes())
    assert refused_by(released, content) == []
    assert properties(released) - keys(content) == set()
    state = parse_state((PREVIOUS / "state.json").read_bytes(), "previous")
    assert set(state.plugins["a"]) == set(content["plugins"]["a"])


def test_a_new_key_under_the_old_version_would_be_found(released: Any) -> None:
    content = json.loads((PREVIOUS / "state.json").read_bytes())
    content["plugins"]["a"]["github"]["data"]["new"] = 1
    assert refused_by(released, content) == ["plugins/a/github/data"]
    assert "schema_version" in refused_by(released, {**content, "schema_version": 2})
