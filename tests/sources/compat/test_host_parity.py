"""OctoPrint's own `parse_plugin_metadata` and our reading conclude the same of every module that we have.

One process of OctoPrint's own Python answers for all: the cases, the modules of an emulated world, and more than
a thousand that are put together of what plugins may write.
"""

# ruff: noqa: E501 -- a table of values

import itertools
import random
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest
from packaging.specifiers import SpecifierSet

from registry.sources.compat import host
from tests.emulators.plugins import SPELLINGS, write_plugin
from tests.sources.compat.test_compat import CASES, DEFAULT, FLAG, RULES, blob_of
from tests.support.octoprint_answers import octoprint_reads
from tests.support.real_client import octoprint_python

pytestmark = pytest.mark.xdist_group("host-parity")

VALUES = (
    '">=3.7,<4"', "'>=3'", '""', '" "', '","', '">=3,<4,"', '" >= 3.7 "', '">=3\\n,<4"', "u'>=3'", "r'>=3'",
    "b'>=3'", '">=3" ",<4"', '(">=3")', '(">=3",)', "None", "True", "False", "0", "3", "3.5", "-1", "...", "1j",
    'f">=3"', 'f">={x}"', '">=3" + ",<4"', '">=%s" % 3', '">={}".format(3)', 'gettext(">=3")', "gettext()",
    'gettext(">=3", "<4")', 'gettext(*x)', 'gettext(text=">=3")', 'gettext(f">=3")', 'gettext("")', "gettext(3)",
    '_(">=3")', 'str(">=3")', 'a.gettext(">=3")', 'gettext(">=3").strip()', "x", "x.y", "x[0]", "[]", '[">=3"]',
    '{">=3"}', '">=3" if x else ">=2"', 'lambda: ">=3"', '(y := ">=3")', '"three"', '">=2.7 <4"', '">=3.7.x"',
    '"3"', '"~=3.7"', '"!=3.0.*,>=2.7"', '"<script>"',
)  # fmt: skip
"""What may stand behind the equals sign."""
SHAPES = (
    "{name} = {value}\n",
    "{name} = other = {value}\n",
    "other = {name} = {value}\n",
    "{name}, other = {value}, 1\n",
    "[{name}] = [{value}]\n",
    "{name}: str = {value}\n",
    "({name}) = {value}\n",
    "x = 1; {name} = {value}; y = 2\n",
    "if True:\n    {name} = {value}\n",
    "try:\n    {name} = {value}\nexcept Exception:\n    pass\n",
    "def f():\n    {name} = {value}\n",
    "class A:\n    {name} = {value}\n",
    "a.{name} = {value}\n",
    "a[{name}] = {value}\n",
    "globals()['{name}'] = {value}\n",
    "# {name} = {value}\n",
    "'''\n{name} = {value}\n'''\n",
)
"""How it may be given."""
AROUND = (
    ("", ""),
    (f'{FLAG} = ">=2.7,<4"\n', ""),
    ("", f'{FLAG} = ">=2.7,<4"\n'),
    ("", f'{FLAG} += ",!=3.1.*"\n'),
    ("", f"del {FLAG}\n"),
    ("", f"{FLAG} = None\n"),
    ("", f"import x as {FLAG}\n"),
    ("__plugin_version__ = a.b()\n", ""),
    ('__plugin_name__ = gettext("Lamp")\n', "__plugin_author__ = a()()\n"),
    ('__plugin_name__ = "%s" % a.b()\n', ""),
    ("__plugin_url__ = a.b()\n", '__plugin_url__ = "x"\n'),
    ("", "return\n"),
    ("from __future__ import nothing\n", "x = 0777\n"),
    ("", 'print "Python 2"\n'),
)
"""What may stand before and behind."""
FILES: tuple[bytes, ...] = (
    b"",
    b"\0",
    b"\xef\xbb\xbf" + f'{FLAG} = ">=3"\n'.encode(),
    b"\xef\xbb\xbf# coding: latin-1\n" + f'{FLAG} = ">=3"\n'.encode(),
    b"\xef\xbb\xbf# coding: utf8\n" + f'{FLAG} = ">=3"\n'.encode(),
    b"# coding: latin-1\nx = '\xe4'\n" + f'{FLAG} = ">=3"\n'.encode(),
    b"# coding: ascii\nx = '\xc3\xa4'\n" + f'{FLAG} = ">=3"\n'.encode(),
    b"# coding: no-such-coding\n" + f'{FLAG} = ">=3"\n'.encode(),
    b"\n# coding: no-such-coding\n" + f'{FLAG} = ">=3"\n'.encode(),
    b"\n\n# coding: no-such-coding\n" + f'{FLAG} = ">=3"\n'.encode(),
    b"x = 1\n# coding: no-such-coding\n" + f'{FLAG} = ">=3"\n'.encode(),
    b"x = '\xe4'\n" + f'{FLAG} = ">=3"\n'.encode(),
    f'{FLAG} = ">=3"\r\nx = 1\r\n'.encode(),
    f'x = 1\r{FLAG} = ">=3"\r'.encode(),
    f'\x0c{FLAG} = ">=3"\n\x1a'.encode(),
    f'if x:\n\ty = 1\n        z = 2\n{FLAG} = ">=3"\n'.encode(),
    f"{FLAG} = {'9' * 5_000}\n".encode(),
    f"{FLAG} = '>=3'\nx = {'(' * 250}{')' * 250}\n".encode(),
    f"{FLAG} = '>=3'".encode(),
    f"{FLAG} = '>=3'\\\n\n".encode(),
)


def generated() -> Iterator[bytes]:
    """Yield modules of every shape with every value, and each thing around some of them."""
    for shape, value in itertools.product(SHAPES, VALUES):
        yield shape.format(name=FLAG, value=value).encode()
    chance = random.Random(7)
    for before, behind in AROUND:
        for shape, value in chance.sample(list(itertools.product(SHAPES, VALUES)), 40):
            yield f"{before}{shape.format(name=FLAG, value=value)}{behind}".encode()


def emulated() -> Iterator[bytes]:
    """Yield the modules of two hundred invented plugins."""
    chance = random.Random(11)
    for number in range(200):
        source = write_plugin(f"plugin_{number}", chance)
        for path, file in source.files.items():
            if path.endswith("__init__.py") or (path.endswith(".py") and path != "setup.py"):
                text = file if isinstance(file, str) else f"{file['text']}{file.get('tail', '')}"
                yield text.encode()


SETS = {
    "files": list(FILES),
    "cases": [case.read_bytes() for case in sorted((CASES / "flag").iterdir())],
    "emulated": list(emulated()),
    "generated": list(generated()),
}


@cache
def answers() -> dict[str, list[dict[str, object]]]:
    """Return what OctoPrint makes of all of them."""
    read = iter(octoprint_reads(content for contents in SETS.values() for content in contents))
    return {name: [next(read) for _ in contents] for name, contents in SETS.items()}


def ours(content: bytes) -> dict[str, object]:
    """Return our reading in OctoPrint's form; a flag that cannot be used is one that is not there."""
    found = host.conclude("a.py", blob_of(content), RULES)
    return {"flag": found.python} if found.kind == "flag" else {found.kind: True}


def same(theirs: dict[str, object], mine: dict[str, object]) -> bool:
    """Tell whether two readings mean the same to an installation."""
    if "flag" in theirs and "flag" in mine:
        one, other = SpecifierSet(str(theirs["flag"])), SpecifierSet(str(mine["flag"]))
        return one == other or (not len(one) and mine["flag"] == ">=2.7")
    if "" in mine:  # this Python is too old to tell
        return "syntax" in theirs and sys.version_info < host.NEWEST_PYTHON
    return mine == ({"default": True} if "unusable" in theirs else theirs)


@pytest.mark.parametrize("name", SETS)
def test_host_and_we_conclude_the_same(name: str) -> None:
    compared = zip(SETS[name], answers()[name], map(ours, SETS[name]), strict=True)
    differing = [
        (content[:300], theirs, mine) for content, theirs, mine in compared if not same(theirs, mine)
    ]
    assert differing == []


def test_every_conclusion_and_every_spelling_is_compared() -> None:
    kinds = {next(iter(answer)) for answered in answers().values() for answer in answered}
    assert kinds == {"flag", "default", "syntax", "unusable"}
    assert len(SETS["generated"]) > 1_400
    text = b"".join(SETS["emulated"]).decode()
    assert all(word in text for word in (": str =", "try:", "if sys.version_info", 'print "value'))
    assert len(SPELLINGS) == 15


def test_what_the_host_assumes_is_what_the_settings_say() -> None:
    command = (
        "from octoprint.plugin.core import ControlProperties as known\n"
        "print(known.default_pythoncompat, known.attr_pythoncompat)"
    )
    done = subprocess.run([octoprint_python(), "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == f"{DEFAULT} {FLAG}\n"
