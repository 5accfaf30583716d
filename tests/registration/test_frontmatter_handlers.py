"""Our handlers of python-frontmatter: what anyone gets by them, and that nothing else splits front matter."""

import ast
import re
from pathlib import Path
from typing import Any

import frontmatter
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.registration import frontmatter as door
from registry.registration.frontmatter import (
    CopyHandler,
    FrontMatterError,
    RegistrationHandler,
    dump,
    parse,
    with_front_matter,
)
from registry.review.suggestions import cures_of_text
from tests.registration.test_frontmatter import BODIES, DATA, REGISTRATIONS, typed

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"

# --- what anyone gets, and what we keep -------------------------------------------------------------------

COPY = dump({"id": "a", "tags": ["x", 1.5, None]}, "\r\n  Text.\r\n\n---\n\x0cend \u2028\n")


def test_anyones_python_frontmatter_reads_a_copy_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(COPY.encode())
    post = frontmatter.load(path, handler=CopyHandler())
    assert post.metadata == {"id": "a", "tags": ["x", 1.5, None]}
    # The package reads "\r\n" as "\n" and strips the text: its body is not the file's.
    assert post.content == "Text.\n\n---\n\x0cend"
    assert parse(COPY.encode(), "a.md").body == "\r\n  Text.\r\n\n---\n\x0cend \u2028\n"


def test_anyones_python_frontmatter_writes_a_copy_as_we_do(tmp_path: Path) -> None:
    post = frontmatter.loads(COPY, handler=CopyHandler())
    post["id"] = "b"
    expected = dump({"id": "b", "tags": ["x", 1.5, None]}, "Text.\n\n---\n\x0cend")
    assert frontmatter.dumps(post, handler=CopyHandler()) == frontmatter.dumps(post) == expected
    frontmatter.dump(post, tmp_path / "b.md")
    assert (tmp_path / "b.md").read_bytes() == expected.encode()


@settings(deadline=None)
@given(DATA, BODIES)
def test_anyones_python_frontmatter_reads_and_writes_the_same_data(data: dict[str, Any], body: str) -> None:
    copy = dump(data, body)
    metadata, content = frontmatter.parse(copy, handler=CopyHandler())
    ours = parse(copy.encode(), "a.md", handler=CopyHandler)
    assert typed(metadata) == typed(ours.data) == typed(data)
    assert list(metadata) == list(data)
    assert content == body.replace("\r\n", "\n").strip()
    post = frontmatter.Post(content)
    post.metadata = metadata
    assert frontmatter.dumps(post, handler=CopyHandler()) == dump(data, content)


@pytest.mark.parametrize("key", ["content", "handler", "self"])
def test_a_key_that_a_post_cannot_hold_is_read_by_parse(key: str) -> None:
    copy = dump({"id": "a", key: "x"}, "Text.")
    assert frontmatter.parse(copy, handler=CopyHandler()) == ({"id": "a", key: "x"}, "Text.")
    with pytest.raises(TypeError, match=key):
        frontmatter.loads(copy, handler=CopyHandler())


def test_python_frontmatter_takes_a_file_without_front_matter_for_a_body_alone() -> None:
    for text in ("Text.", "---\nid: a\nText."):
        assert frontmatter.parse(text, handler=CopyHandler()) == ({}, text)
        with pytest.raises(FrontMatterError, match="front matter"):
            parse(text.encode(), "a.md")


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("- a", "a.md:2: the front matter is a list; write one 'key: value' a line"),
        ("a: b: c", "a.md:2: the YAML cannot be read (mapping values are not allowed in this context); "
                    "quote a text that holds ': ', and align the keys of one level"),
        ("a: &x 1", "a.md:2: anchors (&name) and aliases (*name) are not read; "
                    "write the value out, or quote the text"),
        ("a: !!python/name:os.system x", "a.md:2: the tag 'tag:yaml.org,2002:python/name:os.system' is not "
                                         "read; write the plain value, or quote the text"),
        (f"a: {'[' * 200}", "a.md:2: nested more than 100 levels deep; no key needs more than three"),
    ],
)  # fmt: skip
def test_python_frontmatter_cannot_make_a_handler_read_what_we_refuse(yaml: str, message: str) -> None:
    with pytest.raises(FrontMatterError) as caught:
        frontmatter.loads(f"---\n{yaml}\n---\n", handler=CopyHandler("a.md"))
    assert str(caught.value) == message


def test_a_registration_has_narrower_bounds_than_a_copy() -> None:
    text = f"---\nid: {'x' * 64_000}\n---\n"
    assert len(str(frontmatter.loads(text, handler=CopyHandler())["id"])) == 64_000
    with pytest.raises(FrontMatterError, match="more than 64,000 bytes"):
        frontmatter.loads(text, handler=RegistrationHandler())


def test_a_handler_knows_front_matter_by_its_first_line_and_says_what_it_read_over() -> None:
    handler = RegistrationHandler("a.md")
    assert handler.detect("--- \nid: a\n---\n")
    assert not handler.detect("----\nid: a\n---\n")
    assert not handler.detect("...\nid: a\n---\n")
    assert frontmatter.loads("---\nid: a\nid: b\n---\n", handler=handler).metadata == {"id": "b"}
    assert [str(fault) for fault in handler.faults] == [
        "a.md:3: 'id' stands here a second time; keep one of the two"
    ]
    assert frontmatter.loads("---\nid: a\n---\n", handler=handler).metadata == {"id": "a"}
    assert handler.faults == []


PIECES = st.lists(st.sampled_from([
    "---", "...", "--- ", "---\t", "----", " ---", "\r", "\n", "\r\n", "\ufeff", "\0", "\u2028", "\x85",
    "\x0b", "\x0c", "\x1c", "\xa0", " ", "id: a", "id: 'a", "- a", "é", "😀",
])).map("".join)  # fmt: skip
FENCES = (("---\n", "\n---\n"), ("---\r\n", "\r\n...\r\n"), ("\ufeff--- \n", "\n---"), ("", ""))


@settings(deadline=None)
@given(st.just("") | PIECES, PIECES)
@example("", "")
@example("\r\n", "")
@example("", "---\n")
@example(" \n\n", "\r\n---\r\nText\r")
@example("...\n", "\u2028\n")
def test_no_byte_of_a_registration_changes(middle: str, body: str) -> None:
    for opening, closing in FENCES:
        raw = f"{opening}id: a\n{middle}{closing}{body}".encode()
        try:
            document = parse(raw, "a.md", patient=True)
        except FrontMatterError:
            continue
        assert raw.endswith(document.body.encode())
        assert with_front_matter(raw, document, document.front_matter) == raw
        head = raw.removesuffix(document.body.encode())
        assert document.body_line == head.count(b"\n") + 1
        fences = head.decode().removeprefix("\ufeff").split(document.front_matter, 1)
        assert [fence.strip() in ("---", "...") for fence in fences] == [True, True]


@pytest.mark.parametrize("path", REGISTRATIONS, ids=lambda path: path.stem)
def test_a_real_registration_gets_other_yaml_and_keeps_the_rest(path: Path) -> None:
    raw = path.read_bytes()
    document = parse(raw, path.name, patient=True)
    after = with_front_matter(raw, document, "id: é\n")
    assert parse(after, path.name, patient=True).data == {"id": "é"}
    assert after.endswith(document.body.encode())
    back = with_front_matter(after, parse(after, path.name, patient=True), document.front_matter)
    assert back == raw


# --- the one door -----------------------------------------------------------------------------------------

MAY_WRITE_A_FENCE = {
    Path(str(cures_of_text.__file__)): "suggests the one line that is missing or misspelt in a broken file",
}
FENCE = re.compile(r"(?<![-|])---(?![-|])|-\{3|\n\.\.\.|^\.\.\.\n|\\\.\\\.\\\.")
"""Three dashes in a text or a pattern, but not in a table; three dots that begin a line or are a pattern."""


def fences(source: str) -> list[str]:
    """Return each place where a module splits or joins front matter, or asks another to."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            # A message may speak of '---'.
            if id(node) not in docstrings and FENCE.search(re.sub(r"(?<=\w )'---'", "", text)):
                found.append(f"{node.lineno}: {text!r}")
        elif isinstance(node, ast.Import):
            found += [f"{node.lineno}: {name.name}" for name in node.names if _is_package(name.name)]
        elif isinstance(node, ast.ImportFrom) and not node.level and _is_package(node.module or ""):
            found.append(f"{node.lineno}: {node.module}")
    return found


def _is_package(name: str) -> bool:
    return name.partition(".")[0] == "frontmatter"


def test_no_other_module_splits_or_joins_front_matter() -> None:
    found = {path: fences(path.read_text(encoding="utf-8")) for path in SCRIPTS.rglob("*.py")}
    assert len(found) > 100
    assert found.pop(Path(str(door.__file__)))
    for path in MAY_WRITE_A_FENCE:
        assert found.pop(path), f"{path} needs no leave any more"
    assert {str(path): places for path, places in found.items() if places} == {}


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ('text = f"---\\n{yaml}---\\n{body}"', 2),
        ('text = "---\\n" + yaml', 1),
        ('lines = ["---", *lines]', 1),
        ('fm = text.split("---")[1]', 1),
        ('end = raw.find(b"\\n---", 4)', 1),
        ('FENCE = re.compile(r"^---\\s*$")', 1),
        ('FENCE = re.compile(rb"^-{3,}$")', 1),
        ('END = re.compile(r"(?:\\.\\.\\.)[ \\t]*")', 1),
        ('is_end = line == "...\\n"', 1),
        ("import frontmatter", 1),
        ("import frontmatter.util as fm", 1),
        ("from frontmatter.default_handlers import YAMLHandler", 1),
        ("from registry import frontmatter", 0),
        ("from registry.registration.frontmatter import parse", 0),
        ('def f():\n    """Front matter begins with ---."""', 0),
        ("""message = "write '---' alone on the first line\"""", 0),
        ('rule = "|---|---|"', 0),
        ('more = "and so on ..."', 0),
    ],
)
def test_what_splits_or_joins_front_matter_is_found(source: str, places: int) -> None:
    assert len(fences(source)) == places, fences(source)
