"""JSON from outside: whatever the bytes, a value or one clear error; and no more memory than reckoned."""

import tracemalloc

import pytest

from registry.text.outside_json import JsonError, parse_cost, parse_json

N = 20_000


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\xff\xfe\xff", "is not JSON: "),
        (b"1" * 5_000, "is not JSON: Exceeds the limit"),
        (b"[" * 100_000, "is not JSON that can be read: it is nested too deeply"),
        (b'{"a":' * 100_000, "is not JSON that can be read: it is nested too deeply"),
        (b"[" * 5_000 + b"]" * 5_000, "is not JSON that can be read: it is nested too deeply"),
    ],
    ids=range(6),
)
def test_what_is_not_json_is_one_error(raw: bytes, why: str) -> None:
    with pytest.raises(JsonError) as caught:
        parse_json(raw)
    assert str(caught.value).startswith(why)
    assert len(str(caught.value)) < 300


def test_numbers_that_json_does_not_know_are_read_unless_strictly() -> None:
    assert parse_json(b"[Infinity]") == [float("inf")]
    with pytest.raises(JsonError, match=r"^is not JSON: Infinity is not a number of JSON$"):
        parse_json(b"[Infinity]", strict=True)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" + b"[]," * N + b"0]",
        b"[" + b"{}," * N + b"0]",
        b"[" + b"[0]," * N + b"0]",
        b"[" + b'{"a":0},' * N + b"0]",
        b"{" + b",".join(b'"%x":0' % n for n in range(N)) + b"}",
        b"[" + b",".join(b'{"%x":{"%x":1.5}}' % (n, n + N) for n in range(N)) + b"]",
        b"[" + b"1.5," * N + b"0]",
        b"[" + b",".join(b'"%x"' % n for n in range(N)) + b"]",
        b"[" * 500 + b"]" * 500,
        b'["' + b"a" * 1_000_000 + b'"]',
        b'["' + b"a" * 1_000_000 + "\U0001f600".encode() + b'"]',
        b'["' + b"a" * 1_000_000 + b'\\ud83d\\ude00"]',
    ],
    ids=range(12),
)
def test_parsing_takes_no_more_memory_than_was_reckoned(raw: bytes) -> None:
    tracemalloc.start()
    try:
        parse_json(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= parse_cost(raw)
