"""Front matter is read as Jekyll reads it, refused with its line, and written so that nothing changes."""

# ruff: noqa: E501 - whole messages stand in tables, a case a line

import json
import math
import pickle
import shutil
import subprocess
from datetime import date, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.registration.frontmatter import CopyHandler, Document, FrontMatterError, dump, parse
from registry.registration.yaml_reader import YamlFault
from registry.text.scalars import FloatText, scalar_text

REGISTRATIONS = sorted((Path(__file__).parents[1] / "data/registrations").glob("*/*.md"))


def refusal(text: str | bytes) -> tuple[int, str, str]:
    raw = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(FrontMatterError) as caught:
        parse(raw, "a.md")
    return caught.value.line, caught.value.code, caught.value.message


def values(front_matter: str) -> dict[str, Any]:
    return parse(f"---\n{front_matter}\n---\n".encode(), "a.md").data


def test_data_body_and_lines_of_a_document() -> None:
    document = parse(b"---\nid: a\ntags:\n- x\n- y: [1,\n  2]\n---\n\nBody\n", "a.md")
    assert document.data == {"id": "a", "tags": ["x", {"y": [1, 2]}]}
    assert (document.body, document.body_line) == ("\nBody\n", 8)
    assert document.front_matter == "id: a\ntags:\n- x\n- y: [1,\n  2]\n"
    assert document.line_of("id") == 2
    assert document.line_of("tags", 1, "y", 1) == 6
    assert document.line_of("tags", 1, "nothing", 5) == 5
    assert document.line_of("nothing") == document.line_of() == 1


def test_windows_line_ends_are_read_and_kept_in_the_body() -> None:
    document = parse(b"---\r\nid: a\r\nb: c\r\n---\r\n\r\nBody\r\n", "a.md")
    assert document.data == {"id": "a", "b": "c"}
    assert document.body == "\r\nBody\r\n"
    assert (document.line_of("b"), document.body_line) == (3, 5)


def test_three_dots_end_the_front_matter_as_in_jekyll() -> None:
    assert parse(b"---\nid: a\n...\nBody", "a.md").body == "Body"


def test_unicode_line_ends_do_not_shift_the_lines() -> None:
    document = parse("---\na: 'x\u2028y\x85z'\nb: 1\n---\n".encode(), "a.md")
    assert document.line_of("b") == 3


def test_a_float_keeps_its_text() -> None:
    value = values("a: 1.10")["a"]
    assert value == 1.1
    assert scalar_text(value) == value.text == "1.10"
    assert pickle.loads(pickle.dumps(value)).text == "1.10"
    assert FloatText(2.5).text == "2.5"
    assert json.dumps(value) == "1.1"


def test_values_are_those_of_yaml_1_1() -> None:
    assert values("a: [yes, off, ~, 0x1F, 017, 1:30, 1_000, '1', 2015-04-11, =, 0o7, 1e3, y]")["a"] == (
        [True, False, None, 31, 15, 90, 1000, "1", date(2015, 4, 11), "=", "0o7", "1e3", "y"]
    )


@pytest.mark.parametrize(
    ("text", "line", "code", "message"),
    [
        ("", 1, "no-front-matter", "the file does not begin with front matter; write '---' alone on the first line"),
        ("\n---\na: b\n---\n", 1, "no-front-matter", "the file does not begin with front matter; write '---' alone on the first line"),
        ("---\na: b\n--- x\n", 1, "unclosed-front-matter", "the front matter does not end; write '---' alone on the line after its last key"),
        ("---\n---\n", 2, "not-a-mapping", "the front matter is nothing; write one 'key: value' a line"),
        ("---\n- a\n---\n", 2, "not-a-mapping", "the front matter is a list; write one 'key: value' a line"),
        ("---\na: b\nc: 1\na: d\n---\n", 4, "duplicate-key", "'a' stands here a second time; keep one of the two"),
        ("---\na:\n\tb: c\n---\n", 3, "tab", "a tab cannot indent YAML; use spaces"),
        ("\ufeff---\na: b\n---\n", 1, "bom", "the file begins with a byte order mark; save it as UTF-8 without one"),
        (b"---\na: b\nc: \xff\n---\n", 3, "not-utf8", "byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"\xef\xbb\xbf---\na: \xe9\n---\n", 2, "not-utf8", "byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("---\na: b\n---\n\nx\0", 5, "nul", "the file holds a NUL character; delete it"),
        ("---\na: b\nc: x\x1by\n---\n", 3, "control-character", "'\\x1b' is a control character; delete it"),
        ("---\na: &x 1\n---\n", 2, "alias", "anchors (&name) and aliases (*name) are not read; write the value out, or quote the text"),
        ("---\na: 1\nb: *x\n---\n", 3, "alias", "anchors (&name) and aliases (*name) are not read; write the value out, or quote the text"),
        ("---\na: !!python/object:os.x 1\n---\n", 2, "yaml-tag", "the tag 'tag:yaml.org,2002:python/object:os.x' is not read; write the plain value, or quote the text"),
        ("---\na: 1\n<<: {b: 1}\n---\n", 3, "merge-key", "the merge key '<<' is not read; write the keys out"),
        ("---\non: 1\n---\n", 2, "key-not-text", "YAML reads the key 'on' as true or false; put it in quotes"),
        ("---\n[a]: 1\n---\n", 2, "key-not-text", "a list or mapping cannot be a key; put the text in quotes"),
        ("---\na: b: c\n---\n", 2, "yaml-syntax", "the YAML cannot be read (mapping values are not allowed in this context); quote a text that holds ': ', and align the keys of one level"),
        ("---\na: @b\n---\n", 2, "yaml-syntax", "the YAML cannot be read (found character that cannot start any token); a text that begins with a special character goes in quotes"),
        ("---\na: \"b\n---\n", 2, "yaml-syntax", "the YAML cannot be read (found unexpected end of stream); close the quote that is open"),
        ("---\na: 1\nb\nc: 1\n---\n", 3, "yaml-syntax", "the YAML cannot be read (could not find expected ':'); write 'key: value', or indent the line to go on with a text"),
        ("---\na: >=3.7\n---\n", 2, "yaml-syntax", "the YAML cannot be read (did not find expected comment or line break); a text that begins with > or | goes in quotes"),
        ("---\na: [:b]\n---\n", 2, "yaml-syntax", "the YAML cannot be read (did not find expected node content); a text that begins with a special character goes in quotes"),
        ("---\na: 1\n--- b\n---\n", 3, "several-documents", "a second YAML document begins; keep one block of keys between the two '---'"),
        ("---\na: 2021-02-30\n---\n", 2, "unreadable-value", "'2021-02-30' is no day of the calendar; correct it, or put it in quotes"),
        ("---\na: 0b_\n---\n", 2, "unreadable-value", "'0b_' is no number that can be read; correct it, or put it in quotes"),
        (f"---\na: {'9' * 5000}\n---\n", 2, "unreadable-value", f"'{'9' * 40}' is no number that can be read; correct it, or put it in quotes"),
        (f"---\na: {'[' * 10_000}\n---\n", 2, "too-deep", "nested more than 20 levels deep; no key needs more than three"),
        (f"---\na:\n{'- b' + chr(10) + ('- b' + chr(10)) * 1_000}---\n", 1000, "too-many-values", "more than 1,000 values; a registration needs a tenth of it"),
        (f"---\na: {'x' * 70_000}\n---\n", 1, "too-large", "the front matter has more than 64,000 bytes; move long texts to the body"),
        (b"x" * 1_000_001, 1, "too-large", "the file has more than 1,000,000 bytes; link to long texts and images instead"),
    ],
)  # fmt: skip
def test_refusals_name_line_and_cure(text: str | bytes, line: int, code: str, message: str) -> None:
    assert refusal(text) == (line, code, message)


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{('*' + chr(97 + n) + ',') * 9}]\n" for n in range(20)
    )
    assert refusal(f"---\n{bomb}---\n")[:2] == (2, "alias")


def test_patience_reads_over_what_jekyll_reads_over() -> None:
    document = parse(b"\xef\xbb\xbf---\na: 1\na: 2\n---\nBody", "a.md", patient=True)
    assert (document.data, document.body) == ({"a": 2}, "Body")
    assert [(fault.line, fault.code) for fault in document.faults] == [(1, "bom"), (3, "duplicate-key")]


def test_the_error_reads_as_a_line_of_a_log() -> None:
    with pytest.raises(FrontMatterError, match=r"^a\.md:2: a tab cannot indent YAML; use spaces$"):
        parse(b"---\n\ta: b\n---\n", "a.md")


def test_a_fault_of_yaml_knows_its_place() -> None:
    assert YamlFault("tab", 3, "words").index == 3


def read(raw: bytes) -> Document | FrontMatterError:
    try:
        return parse(raw, "a.md", patient=True)
    except FrontMatterError as error:
        return error


@settings(deadline=None)
@given(st.binary(max_size=300))
@example(b"---\n? \n: \n---\n")
@example(b"---\n%YAML 9.9\n---\n---\n")
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for content in (raw, b"---\n" + raw + b"\n---\n"):
        outcome = read(content)
        assert (outcome.line if isinstance(outcome, FrontMatterError) else outcome.line_of("a", 0)) >= 1


@settings(deadline=None)
@given(st.sampled_from(REGISTRATIONS), st.data())
def test_a_broken_registration_is_read_or_refused(path: Path, data: st.DataObject) -> None:
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 20)))
        raw[start:end] = data.draw(st.sampled_from(MUTATIONS) | st.binary(max_size=4))
    outcome = read(bytes(raw))
    if isinstance(outcome, FrontMatterError):
        assert 1 <= outcome.line <= raw.count(b"\n") + 1
    else:
        assert parse(dump(outcome.data, outcome.body).encode(), "a.md").body == outcome.body


MUTATIONS = [b"", b"\n", b"---\n", b": ", b"- ", b"[", b"{", b"&a ", b"*a", b"!", b"'", b'"', b"\t", b"\0", b"\xff", b"|\n", b"? ", b"2021-13-01", b"{{", b"%}", b"```", b"\r", b"#"]  # fmt: skip

LOOKALIKES = ["yes", "on", "off", "~", "null", "true", "1_000", "0o7", "0x1F", "1:30", ".5", "1e3", "1,000", "=", "<<", ":symbol", "2015-04-11", "1.10", "0b1", "017", ".inf", "-.inf", ".nan", "y", "-", "?", ":", "[", "{", "&", "*", "!", "|", ">", "%", "@", "`", "#", "2001-12-14t21:59:43.10-05:00"]  # fmt: skip
TEXTS = st.sampled_from([*LOOKALIKES, "", " a ", "a\nb", "---", "\u2028", "\x7f", "\x85", "\x9f", "\ufeff", "\uffff", "😀", "\x00", "{{ a }}", "a" * 1100]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=30
)  # fmt: skip
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.dates()
    | st.datetimes(timezones=st.none() | ZONES)
    | TEXTS
)
DATA = st.dictionaries(
    TEXTS,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12),
    max_size=6,
)  # fmt: skip
BODIES = st.sampled_from(["", "\n\n", "---\n", "...\n", "\r\n x", "\x0c\x7f\u2028\ufeff"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
)


@settings(deadline=None)
@given(DATA, BODIES)
def test_what_was_dumped_is_read_again(data: dict[str, Any], body: str) -> None:
    document = parse(dump(data, body).encode(), "a.md", handler=CopyHandler)
    assert (document.data, document.body) == (data, body)
    assert list(document.data) == list(data)
    assert typed(document.data) == typed(data)


def typed(value: Any) -> Any:
    """Return the value with its types: True is not 1, a date is not a time."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return (float if isinstance(value, float) else type(value)), value


@pytest.mark.parametrize("path", REGISTRATIONS, ids=lambda path: path.stem)
def test_a_registration_comes_out_as_it_went_in(path: Path) -> None:
    document = parse(path.read_bytes(), path.name)
    copy = parse(dump(document.data, document.body).encode(), path.name)
    assert (copy.data, copy.body) == (document.data, document.body)
    assert typed(copy.data) == typed(document.data)


def test_the_dump_has_one_key_a_line() -> None:
    data = {
        "id": "a",
        "date": date(2015, 4, 11),
        "tags": ["x", FloatText(1.1, "1.10"), None],
        "on": {"a b": True},
    }
    assert dump(data, "Body\n") == (
        '---\nid: "a"\ndate: 2015-04-11\ntags: ["x", 1.10, null]\n"on": {"a b": true}\n---\nBody\n'
    )


def test_not_a_number_and_infinity_are_read_again() -> None:
    data = values("a: .nan\nb: -.inf\nc: 1.0e+999")
    copy = parse(dump(data, "").encode(), "a.md").data
    assert math.isnan(copy["a"])
    assert (copy["b"], copy["c"]) == (-math.inf, math.inf)


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    assert parse(dump({"a": "x\ud800y"}, "").encode(), "a.md").data == {"a": "x\ufffdy"}


@pytest.mark.parametrize("data", [{1: "a"}, {"a": {None: 1}}, {"a": object()}, {"a": b"x"}])
def test_what_yaml_does_not_know_is_refused(data: dict[Any, Any]) -> None:
    with pytest.raises(TypeError, match="front matter"):
        dump(data, "")


def test_ruby_reads_the_dump_to_the_same_values(tmp_path: Path) -> None:
    data: dict[str, Any] = {
        "texts": [
            *LOOKALIKES,
            " a ",
            "a\nb\t\r",
            "\u2028\u2029\x85\x7f\x9b\ufeff\uffff",
            "😀 é",
            "\x00\x1b",
            "\\ \" '",
        ],
        **{text: text for text in LOOKALIKES if text != "<<"},
        "k" * 3000: {"n" * 3000: ["x" * 3000]},
        "numbers": [
            0,
            -7,
            10**20,
            1.5,
            FloatText(1.1, "1.10"),
            1e300,
            5e-324,
            -0.0,
            FloatText(90.5, "1:30.5"),
        ],
        "rest": [True, False, None, [], {}, [[]], {"": ""}],
        "day": date(2015, 4, 11),
    }
    copy = tmp_path / "copy.yml"
    copy.write_text(dump(data, "").removesuffix("---\n"), encoding="utf-8")
    program = "print JSON.generate(YAML.safe_load(File.read(ARGV[0], encoding: 'UTF-8'), permitted_classes: [Date]))"
    ruby = shutil.which("ruby")
    assert ruby, "Jekyll runs on Ruby, and so does this test"
    read = subprocess.run(
        [ruby, "-ryaml", "-rdate", "-rjson", "-e", program, str(copy)], capture_output=True, check=True
    )
    assert json.loads(read.stdout) == json.loads(json.dumps(data, default=str))
