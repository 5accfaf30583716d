"""The JSON Schemas in `docs/schemas`, compiled: of the state, of each feed, of what a review writes."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "schemas"
OF_FEED = {
    "plugins.json": "plugins",
    "notices.json": "notices",
    "blocklist.json": "blocklist",
    "blacklist.json": "blocklist",
    "update_check_overlay.json": "update_check_overlay",
    "update_check_overlay_py2.json": "update_check_overlay",
    "api/v1/index.json": "api-index",
    "api/v1/errors.json": "errors",
    "api/v1/history.json": "registry-history",
    "api/v1/statistics.json": "statistics",
    "api/v1/state.json.gz": "state",
}
"""Path of a feed below the site's root to the name of its schema."""


@cache
def schema(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """Return the schema called `name`. Raises FileNotFoundError where there is none."""
    content: dict[str, Any] = json.loads((folder / f"{name}.schema.json").read_bytes())
    return content


@cache
def validator(name: str, folder: Path = FOLDER) -> Any:
    """Return a validator of the schema called `name`, of jsonschema_rs's `Validator` protocol."""
    return jsonschema_rs.validator_for(schema(name, folder))
