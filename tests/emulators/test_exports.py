"""What the emulator of the usage exports promises."""

import json
from collections.abc import Callable

import httpx
import pytest

from tests.emulators.exports import Exports, Kind
from tests.emulators.world import exports_for

EXPORTS = exports_for(["Alpha", "Beta", "Gamma"])


def get(url: str, timeout: float = 5) -> httpx.Response:
    return httpx.get(url, timeout=timeout, verify=False, trust_env=False)


def test_exports_are_served_side_by_side_and_counted() -> None:
    with Exports(EXPORTS) as exports:
        assert get(exports.week_url).json() == EXPORTS["week"]
        assert get(exports.month_url).json() == EXPORTS["month"]
        assert get(f"{exports.url}/year.json").status_code == 404
        assert [request.path for request in exports.requests] == ["/week.json", "/month.json", "/year.json"]
        assert get(f"{exports.url}/_emulator/counts?forget").json()["requests"] == 3
        assert exports.counts()["requests"] == 0


@pytest.mark.parametrize(
    ("fault", "is_so"),
    [
        ("unavailable", lambda answer: (answer.status_code, answer.headers["Retry-After"]) == (503, "1")),
        ("missing", lambda answer: answer.status_code == 404),
        ("html", lambda answer: answer.status_code == 200 and answer.text.startswith("<!DOCTYPE html>")),
        ("empty", lambda answer: (answer.status_code, answer.content) == (200, b"")),
        ("list", lambda answer: answer.json() == [{"plugins": {}}]),
        ("truncated", lambda answer: len(answer.content) == len(json.dumps(EXPORTS["month"])) // 2),
        ("slow", lambda answer: answer.json() == EXPORTS["month"]),
    ],
)
def test_fault_of_one_export_leaves_the_other(fault: Kind, is_so: Callable[[httpx.Response], bool]) -> None:
    with Exports(EXPORTS, faults={"month": fault}) as exports:
        assert is_so(get(exports.month_url))
        assert get(exports.week_url).json() == EXPORTS["week"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("short-body", httpx.RemoteProtocolError),
        ("reset", httpx.ReadError),
        ("hang", httpx.ReadTimeout),
    ],
)
def test_broken_export_is_an_error_of_transport(fault: Kind, error: type[Exception]) -> None:
    with Exports(EXPORTS, faults={"week": fault}) as exports, pytest.raises(error):
        get(exports.week_url, timeout=0.2)


def test_fault_goes_when_it_is_taken_out() -> None:
    with Exports(EXPORTS, faults={"week": "unavailable"}) as exports:
        assert get(exports.week_url).status_code == 503
        del exports.faults["week"]
        assert get(exports.week_url).status_code == 200


def test_misspelt_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown faults teapot"):
        Exports(EXPORTS, faults={"week": "teapot"})  # type: ignore[dict-item]
