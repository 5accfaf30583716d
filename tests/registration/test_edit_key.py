"""One key is edited, and every other byte of the file stays as it was."""

# ruff: noqa: E501 - whole messages stand in tables, a case a line

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from registry.registration.edit_key import EditError, set_key
from registry.registration.frontmatter import Document, parse
from registry.registration.yaml_reader import write

ROOT = Path(__file__).parents[2]
REGISTRATIONS = [
    *sorted((ROOT / "_plugins").glob("*.md")),
    *sorted((ROOT / "tests/data/registrations").glob("*/*.md")),
]
ISSUE = "https://github.com/ada/lamp/issues/7"


def edited(front_matter: str, key: str, value: str | bool | None) -> str:
    """Return the front matter after the edit; the rest of the file must be as it was."""
    raw = f"---\n{front_matter}---\nBody\n".encode()
    after = set_key(raw, key, value, path="a.md").decode()
    assert after.startswith("---\n")
    assert after.endswith("---\nBody\n")
    return after.removeprefix("---\n").removesuffix("---\nBody\n")


def refusal(raw: str | bytes, key: str, value: str | bool | None) -> str:
    with pytest.raises(EditError) as caught:
        set_key(raw if isinstance(raw, bytes) else raw.encode(), key, value, path="a.md")
    return str(caught.value)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("id: x\n", ISSUE, f"id: x\nnew: {ISSUE}\n"),
        ("id: x\n", True, "id: x\nnew: true\n"),
        ("id: x\r\n", True, "id: x\r\nnew: true\r\n"),
        ("  id: x\n", True, "  id: x\n  new: true\n"),
        ("id: x\n\n# the end\n", True, "id: x\n\n# the end\nnew: true\n"),
        ("id: |+\n  x\n\n\n", True, "id: |+\n  x\n\n\nnew: true\n"),
        ("id: [a,\n  b]\n", True, "id: [a,\n  b]\nnew: true\n"),
        ("id: a\n  b\n", True, "id: a\n  b\nnew: true\n"),
        ("id:\n", True, "id:\nnew: true\n"),
        ("? id\n: x\n", True, "? id\n: x\nnew: true\n"),
        ("--- # begins\nid: x\n", True, "--- # begins\nid: x\nnew: true\n"),
        ("id: 'a\u2028b'\n", True, "id: 'a\u2028b'\nnew: true\n"),
    ],
)
def test_a_new_key_is_added_as_the_last_one_and_taken_away_again(
    before: str, value: str | bool, after: str
) -> None:
    assert edited(before, "new", value) == after
    assert edited(after, "new", None) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("key: old\nid: x\n", "key: new\nid: x\n"),
        ("key:   old   # why\nid: x\n", "key:   new   # why\nid: x\n"),
        ("key:\nid: x\n", "key: new\nid: x\n"),
        ("key: # why\nid: x\n", "key: new # why\nid: x\n"),
        ("key: ~\nid: x\n", "key: new\nid: x\n"),
        ("key : 'it''s'\r\nid: x\r\n", "key : new\r\nid: x\r\n"),
        ('"key": "a\\\n  b" # why\nid: x\n', '"key": new # why\nid: x\n'),
        ("key: a\n  b\n\n  c\n\nid: x\n", "key: new\n\nid: x\n"),
        ("key:\n  a b # why\nid: x\n", "key:\n  new # why\nid: x\n"),
        ("key: |\n  a\n\n  b\n\n# next\nid: x\n", "key: new\n\n# next\nid: x\n"),
        ("key: >+\n  a\n\n\nid: x\n", "key: new\n\n\nid: x\n"),
        ("key: [a, # one\n  b] # two\nid: x\n", "key: new # two\nid: x\n"),
        ("key: {a: b}\nid: x\n", "key: new\nid: x\n"),
        (
            "key: # why\n# list\n- a # one\n- b\n\n# next\nid: x\n",
            "key: new # why\n# list\n\n# next\nid: x\n",
        ),
        ("key:\n  a:\n  - b\n  c:\n# next\nid: x\n", "key: new\n# next\nid: x\n"),
        ("? key\n: old\nid: x\n", "? key\n: new\nid: x\n"),
        ("? key # why\n# list\n: - a\n  - b\nid: x\n", "? key # why\n# list\n: new\nid: x\n"),
        ("? key\n:\n- a\nid: x\n", "? key\n: new\nid: x\n"),
        ("key: old\u2028id: x\n", "key: new\u2028id: x\n"),
        ("key: old\rid: x\n", "key: new\rid: x\n"),
    ],
)
def test_a_key_that_stands_keeps_its_place_and_its_comments(before: str, after: str) -> None:
    assert edited(before, "key", "new") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("key: old # why\nid: x\n", "id: x\n"),
        ("id: x\n# before\nkey: old\n# behind\n", "id: x\n# before\n# behind\n"),
        ("id: x\nkey:\n", "id: x\n"),
        ("id: x\nkey: |\n  a\n\n  b\n\n\nz: 1\n", "id: x\n\n\nz: 1\n"),
        ("id: x\nkey: |+\n  a\n\n\nz: 1\n", "id: x\nz: 1\n"),
        ("id: x\nkey: |2-\n    a\n   \n# c\n", "id: x\n   \n# c\n"),
        ("id: x\nkey:\n- a\n-\n\n# c\nz: 1\n", "id: x\n\n# c\nz: 1\n"),
        ("id: x\nkey:\n  a: b\n  c:\nz: 1\n", "id: x\nz: 1\n"),
        ("id: x\nkey: {a: [b,\n  c],\n}  # why\nz: 1\n", "id: x\nz: 1\n"),
        ('id: x\nkey: "a\n\n  b"\nz: 1\n', "id: x\nz: 1\n"),
        ("id: x\n? key\n: old\nz: 1\n", "id: x\nz: 1\n"),
        ("  id: x\n  key: [a,\nb]\n", "  id: x\n"),
        ("id: x\u2028key: old\u2028z: 1\n", "id: x\u2028z: 1\n"),
        ("id: x\r\nkey: old\r\nz: 1\r\n", "id: x\r\nz: 1\r\n"),
        ("id: |+\n  x\n\nkey: y\n   \n\n# c\nz: 1\n", "id: |+\n  x\n\n# c\nz: 1\n"),
        ("id: |\n  x\nkey: y\n   \nz: 1\n", "id: |\n  x\nz: 1\n"),
        ("id: x\n", "id: x\n"),
    ],
)
def test_a_removed_key_takes_its_own_lines_and_no_other(before: str, after: str) -> None:
    assert edited(before, "key", None) == after


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (ISSUE, ISSUE),
        ("https://x.example/#a", "https://x.example/#a"),
        ("Breaks the printer.", "Breaks the printer."),
        ("it's", "it's"),
        ('say "no"', 'say "no"'),
        ("é", "é"),
        ("yes", '"yes"'),
        ("Off", '"Off"'),
        ("null", '"null"'),
        ("n", '"n"'),
        ("1.4", '"1.4"'),
        ("2024-10-07", '"2024-10-07"'),
        ("3D", '"3D"'),
        (":x", '":x"'),
        ("a: b", '"a: b"'),
        ("a:", '"a:"'),
        ("a #b", '"a #b"'),
        ("#", '"#"'),
        ("@x", '"@x"'),
        ("- x", '"- x"'),
        ("", '""'),
        (" a ", '" a "'),
        ("a\nb\t", '"a\\nb\\t"'),
        ("a\u2028\x85\xa0b", '"a\\u2028\\u0085\xa0b"'),
        ('no: it\'s "x"\\', "'no: it''s \"x\"\\'"),
        ("\u202ea", '"\u202ea"'),
    ],
)
def test_a_value_is_written_in_the_plainest_form_that_reads_back(value: str | bool, written: str) -> None:
    after = edited("id: x\n", "key", value)
    assert after == f"id: x\nkey: {written}\n"
    assert yaml.safe_load(after)["key"] == value


@pytest.mark.parametrize("key", ["on", "a b", "1", "#", "a: b", "<<", "é"])
def test_a_key_is_quoted_where_it_must_be(key: str) -> None:
    after = edited("id: x\n", key, "v")
    assert yaml.safe_load(after)[key] == "v"
    assert edited(after, key, None) == "id: x\n"


def test_what_stands_already_is_left_as_it_is_written() -> None:
    assert edited("key: 'old'  # why\n", "key", "old") == "key: 'old'  # why\n"
    assert edited("key: yes\n", "key", True) == "key: yes\n"
    assert edited("key: 1\n", "key", True) == "key: true\n"
    assert edited("key: true\n", "key", "true") == 'key: "true"\n'


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf---\r\nid: x\r\n---\r\nBody\r\nkey: y",
        b"--- \t\nid: x  \n...\nBody\n---\nkey: y\n",
        b"---\nid: x\n---",
        b"---\nid: x\r\n---\r\n",
        b"---\n\n\nid:    x # c\n\n---   \n\n\n",
        "---\nid: é\U0001f600\n---\n\u2028\x85\x0c\x1b".encode(),
    ],
)
def test_bytes_around_the_key_stay(raw: bytes) -> None:
    after = set_key(raw, "key", ISSUE, path="a.md")
    new = parse(after, "a.md", patient=True)
    assert new.data == {**parse(raw, "a.md", patient=True).data, "key": ISSUE}
    line = f"key: {ISSUE}".encode()
    start = after.index(line)
    end = start + len(line) + (2 if after[start + len(line) :].startswith(b"\r\n") else 1)
    assert after[:start] + after[end:] == raw
    assert set_key(after, "key", None, path="a.md") == raw


@pytest.mark.parametrize(
    ("raw", "key", "value", "message"),
    [
        ("id: x\n", "key", True, "a.md:1: the file does not begin with front matter; write '---' alone on the first line"),
        ("---\nid: x\n", "key", True, "a.md:1: the front matter does not end; write '---' alone on the line after its last key"),
        ("---\nid: @x\n---\n", "key", True, "a.md:2: the YAML cannot be read (found character that cannot start any token); a text that begins with a special character goes in quotes"),
        ("---\nid: x\nkey: 1\nkey: 2\n---\n", "key", True, "a.md:4: 'key' stands here a second time; keep one of the two"),
        ("---\nid: x\na: {b: 1, b: 2}\n---\n", "key", True, "a.md:3: 'b' stands here a second time; keep one of the two"),
        ("---\nid: &a x\n---\n", "key", True, "a.md:2: anchors (&name) and aliases (*name) are not read; write the value out, or quote the text"),
        (b"---\nid: \xff\n---\n", "key", True, "a.md:2: byte 0xff is not UTF-8; save the file as UTF-8"),
        ("---\n- id\n---\n", "key", True, "a.md:2: the front matter is a list; write one 'key: value' a line"),
        ("---\n\n{id: x, key: y}\n---\n", "key", None, "a.md:3: the keys stand in braces; write one 'key: value' a line"),
        ("---\nkey: x\n---\n", "key", None, "a.md:2: 'key' cannot be edited (the front matter is nothing; write one 'key: value' a line); edit it by hand"),
        ("---\nid: x\n? key\n---\n", "key", True, "a.md:3: 'key' cannot be edited without a change to something else; edit it by hand"),
        ("---\nid: x\n? # why\n  key\n: old\n---\n", "key", None, "a.md:4: 'key' cannot be edited without a change to something else; edit it by hand"),
        ("---\nid: |\n  x\nkey: y\n  # deep\nz: 1\n---\n", "key", None, "a.md:4: 'key' cannot be edited without a change to something else; edit it by hand"),
        ("---\nid: x\n---\n", "key", "half \ud800", "a.md:1: 'key' cannot hold half a character (a surrogate); write the whole one"),
        ("---\nid: x\n---\n", "k" * 1100, True, f"a.md:1: '{'k' * 79}…' cannot be edited without a change to something else; edit it by hand"),
        ("---\nid: x\n---\n", "key", "x" * 64_000, "a.md:1: 'key' cannot be edited (the front matter has more than 64,000 bytes; move long texts to the body); edit it by hand"),
    ],
)  # fmt: skip
def test_what_cannot_be_edited_is_refused_with_line_and_cure(
    raw: str | bytes, key: str, value: str | bool | None, message: str
) -> None:
    assert refusal(raw, key, value) == message


# --- properties -------------------------------------------------------------------------------------------


def rest(document: Document, key: str) -> tuple[str, str]:
    """Return all that the file says, but for the key; types told apart."""
    return write({name: value for name, value in document.data.items() if name != key}), document.body


@pytest.mark.parametrize("path", REGISTRATIONS, ids=lambda path: path.stem)
def test_in_a_registration_any_key_can_be_set_and_removed(path: Path) -> None:
    raw = path.read_bytes()
    document = parse(raw, path.name)
    assert "new" not in document.data
    for value in (True, ISSUE, "a: b #c"):
        assert set_key(set_key(raw, "new", value, path="a.md"), "new", None, path="a.md") == raw
    for key in document.data:
        for value in (None, True, ISSUE):
            after = parse(set_key(raw, key, value, path="a.md"), path.name)
            assert after.data.get(key) == value
            assert rest(after, key) == rest(document, key)


LINE_ENDS = st.sampled_from(["\n", "\r\n"])
COMMENTS = st.sampled_from(["", "  # why", "\t# 'x", " #"])
BETWEEN = st.lists(st.sampled_from(["", "# note: 'x", "   ", "  # deep", "#"]), max_size=3)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
PLAIN = st.sampled_from(["x", "a b", "1.10", "yes", "https://x.example/#y", "2024-10-07", "~", "a#b", "1:30"])
SINGLE = st.builds(lambda text: "'" + text.replace("'", "''") + "'", TEXT)
DOUBLE = st.builds(
    lambda text: write({"value": text}).removeprefix("value: ").strip("\n"), st.text(max_size=12)
)
FLOW = st.sampled_from(
    ["[a, 'b', \"c\"]", "[a, # one\n   b\n  ]", "{a: [1, {b: c}], d: }", "[]", "{}", "[\n  a ]"]
)
LINES = st.sampled_from(
    [
        "\n- a\n- 'b' # one\n\n- c: d\n  e:",
        "\n  - a\n  -",
        "\n  a: b\n  # in\n  c:\n  - d",
        "\n  deep\n  text",
    ]
)
BLOCK = st.builds(
    lambda style, chomp, lines: f"{style}{chomp}\n" + "\n".join(lines),
    st.sampled_from("|>"),
    st.sampled_from(["", "-"]),
    st.lists(st.sampled_from(["  a", "  # no comment", "", "   b: c"]), min_size=1, max_size=4).map(
        lambda lines: ["  begin", *lines]
    ),
)
LONG = st.sampled_from(["a\n  b\n\n  c", '"a\n\n  b"', "'a\n  b: c'", '"a\\\n  b"', "a\n   # x\n"])
VALUES = st.one_of(PLAIN, SINGLE, DOUBLE, FLOW, LINES, BLOCK, LONG, st.just(""))
KEYS = st.sampled_from(["id", "a b", "'q''x'", '"d\\u0021"', "tags", "on_", "é", "long" * 50, "? x\n"])


@st.composite
def files(draw: Any) -> bytes:
    """A file that may be read, in an odd form."""
    indent = draw(st.sampled_from(["", "", "  "]))
    lines = []
    for key in draw(st.lists(KEYS, min_size=1, max_size=6, unique=True)):
        value = draw(VALUES)
        comment = draw(COMMENTS) if "\n" not in value else ""
        lines += draw(BETWEEN)
        lines.append(f"{key}:{' ' if value and not value.startswith(chr(10)) else ''}{value}{comment}")
    lines += draw(BETWEEN)
    text = "\n".join(f"{indent}{line}" for line in "\n".join(lines).split("\n"))
    text = f"{draw(st.sampled_from(['', chr(0xFEFF)]))}---{draw(st.sampled_from(['', '  ']))}\n{text}\n"
    text += draw(st.sampled_from(["---", "...", "--- "])) + draw(
        st.sampled_from(["", "\n", "\n\nBody\n---\nx: y"])
    )
    return text.replace("\n", draw(LINE_ENDS)).encode()


SET = st.one_of(st.booleans(), TEXT, PLAIN, st.text(max_size=12))


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(files(), SET)
@example(b"---\nid: |+\n  x\n\n---", "yes")
def test_set_then_remove_gives_the_first_bytes_again(raw: bytes, value: str | bool) -> None:
    document = readable(raw)
    after = set_key(raw, "new", value, path="a.md")
    new = parse(after, "a.md", patient=True)
    assert type(new.data["new"]) is type(value)
    assert new.data["new"] == value
    assert rest(new, "new") == rest(document, "new")
    assert set_key(after, "new", value, path="a.md") == after
    assert set_key(after, "new", None, path="a.md") == raw


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(files(), SET | st.none(), st.data())
def test_any_key_can_be_set_and_removed_without_a_change_to_another(
    raw: bytes, value: str | bool | None, data: st.DataObject
) -> None:
    document = readable(raw)
    key = data.draw(st.sampled_from(list(document.data)))
    assume(value is not None or len(document.data) > 1)
    try:
        after = set_key(raw, key, value, path="a.md")
    except EditError:
        # Behind a `|` text, a comment that is set in would become part of it.
        assert value is None
        assert b"  # deep" in raw
        return
    new = parse(after, "a.md", patient=True)
    assert (key in new.data) == (value is not None)
    assert new.data.get(key) == value
    assert rest(new, key) == rest(document, key)
    comments = [line for line in raw.split(b"\n") if line.strip().startswith(b"# note: 'x")]
    assert [line for line in after.split(b"\n") if line.strip().startswith(b"# note: 'x")] == comments


def readable(raw: bytes) -> Document:
    """Return the document; a draw that cannot be read is drawn again."""
    try:
        document = parse(raw, "a.md", patient=True)
    except ValueError:
        assume(False)
        raise
    assume("new" not in document.data and not any(fault.code != "bom" for fault in document.faults))
    return document
