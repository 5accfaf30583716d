"""Pull requests and artefacts that mean harm. What they would run leaves a file whose name holds PWNED."""

import io
import json
import zipfile
from collections.abc import Mapping

from registry.registration.values import FILE_NAME_FAULT
from tests.workflows.origin import LINK, ROOT, Changes

NAME = "_plugins/GPX.md"
GOOD = (ROOT / NAME).read_bytes()
BAD = GOOD.replace(b"\nlicense:", b"\nlicence:")
PWNED = "pwned-by-the-pull-request"

RUBY = f"File.write({PWNED!r}, '')\n"
PYTHON = f"open({PWNED!r}, 'w').close()\n"
TOUCH = f"touch {PWNED}"
SET_UP = f"""
name: Set up
description: What sets up the judge
inputs: {{what: {{}}, python-version: {{}}}}
runs: {{using: composite, steps: [{{run: {TOUCH}, shell: bash}}]}}
"""
UNSEEN = "the name holds a character that nobody can see; rename the file"
A_LINK = "this is a symbolic link, and only plain files belong here; put the file itself here"
NO_KEY = "licence: there is no such key; did you mean 'license'?"

ATTACKS: dict[str, tuple[Changes, list[str]]] = {
    "ruby among the registrations": (
        {"_plugins/evil.rb": RUBY, "_plugins/_evil.rb": RUBY, NAME: GOOD},
        ["only Markdown files (.md) belong here; move it, e.g. images to assets/"],
    ),
    "ruby where jekyll loads it": ({"_jekyll/evil.rb": RUBY, NAME: GOOD}, []),
    "the validator": (
        {
            "scripts/validate.py": PYTHON,
            "scripts/review.py": PYTHON,
            "scripts/comment.py": PYTHON,
            "scripts/registry/__init__.py": PYTHON,
            "sitecustomize.py": PYTHON,
            NAME: BAD,
        },
        [NO_KEY],
    ),
    "the makefile and the set-up": (
        {
            "Makefile": f"$(shell {TOUCH})\n",
            "100755 scripts/setup.sh": f"{TOUCH}\n",
            ".github/actions/setup/action.yml": SET_UP,
            "Gemfile": RUBY,
            NAME: GOOD,
        },
        [],
    ),
    "requirements": (
        {
            "requirements.lock": "./evil\n",
            "requirements-dev.lock": "./evil\n",
            "evil/setup.py": PYTHON,
            NAME: GOOD,
        },
        [],
    ),
    "git's own settings": (
        {".gitattributes": "* filter=evil diff=evil\n", ".gitmodules": "[submodule]\n", NAME: GOOD},
        [],
    ),
    "liquid and markup": (
        {NAME: GOOD + b"\n{% include_relative ../../../../../../etc/passwd %}<script>alert(1)</script>\n"},
        ["body: scripts do not run here and are taken out; remove it"],
    ),
    "names with a shell's characters": (
        {f"_plugins/$({TOUCH}).md": GOOD, f"_plugins/`{TOUCH}`.md": GOOD, "_plugins/-rf.md": GOOD},
        [FILE_NAME_FAULT],
    ),
    "names with workflow commands": (
        {
            "_plugins/::set-output name=a::b.md": GOOD,
            b"_plugins/a\n::set-output name=a::b\n.md": GOOD,
            b"_plugins/a\r::add-mask::a.md": GOOD,
            "_plugins/a##[add-path]b.md": GOOD,
        },
        [FILE_NAME_FAULT, UNSEEN],
    ),
    "a name that is no text": (
        {b"_plugins/\xff\xfe.md": GOOD},
        ["the name is not UTF-8, which not every system can write; rename the file"],
    ),
    "links out of the repository": (
        {
            f"{LINK} _plugins/GPX.md": "/etc/passwd",
            f"{LINK} assets/img/plugins/GPX/a.png": "../../../../.git/config",
        },
        [A_LINK],
    ),
    "commands in values": (
        {NAME: GOOD.replace(b"\ntitle: ", b"\n::add-mask::x:\ntitle: x%0A::set-output name=a::b ")},
        [],
    ),
}  # fmt: skip


GREEDY = f"""
name: validate
on: pull_request
permissions: write-all
jobs:
  validate:
    runs-on: ubuntu-24.04
    permissions: {{contents: write, issues: write, pull-requests: write, actions: write}}
    steps:
      - env: {{TOKEN: "${{{{ github.token }}}}", SECRET: "${{{{ secrets.SECRET }}}}"}}
        run: |
          test -z "$SECRET" || touch {PWNED}
          for path in issues pulls labels git/refs; do
            python3 - "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/$path" <<'END' || true
          import os, sys, urllib.request
          headers = {{"Authorization": "Bearer " + os.environ["TOKEN"], "User-Agent": "x", "Accept": "*/*"}}
          request = urllib.request.Request(sys.argv[1], b'{{"title": "x"}}', headers)
          print(urllib.request.urlopen(request).status)
          END
          done
          mkdir -p build/review
          echo '{{"version": 1, "valid": true, "problems": []}}' > build/review/review.json
      - uses: actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a
        with: {{name: review, path: build/review}}
"""


def packed(files: Mapping[str, bytes | str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


EVIL = "<img src=x onerror=alert(1)> @almanac/maintainers [a](javascript:alert(1)) ::set-output name=a::b"
POISONS: dict[str, Mapping[str, bytes]] = {
    "no zip": {"review": b"MZ\x90" * 1000},
    "no artefact": {},
    "another name": {"evil": packed({"review.json": "{}"})},
    "a bomb": {"review": packed({"review.json": b"0" * 300_000_000})},
    "paths outside": {"review": packed({f"../../{PWNED}": "", f"/{PWNED}": "", "review.json": "{}"})},
    "no JSON": {"review": packed({"review.json": EVIL, "preview.json": EVIL})},
    "nested JSON": {"review": packed({"review.json": "[" * 100_000, "preview.json": "[" * 100_000})},
    "words": {
        "review": packed(
            {
                "review.json": json.dumps({"version": 1, "valid": True, "problems": [], "notes": [EVIL]}),
                "preview.json": json.dumps(
                    {
                        "version": 1, "commit": "0" * 40, "base": "0" * 40, "head": "0" * 40, "built": True,
                        "message": EVIL, "notes": [EVIL], "not_listed": 0,
                        "plugins": [
                            {
                                "slug": "GPX", "path": NAME, "status": "added", "built": True, "reason": EVIL,
                                "title": EVIL, "headings": [EVIL], "page": "pages/GPX.html", "faults": [EVIL],
                                "requests": [], "errors": [EVIL], "screenshots": [],
                            }
                        ],
                    }
                ),
            }
        )
    },
}  # fmt: skip
