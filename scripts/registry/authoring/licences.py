"""Licences by their SPDX identifier, where what was found names one without doubt."""

import re

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

LONGEST_NAME = 100
"""Characters; what is longer is a licence's text, not its name."""

_CLASSIFIERS = {
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "ISC License (ISCL)": "ISC",
    "The Unlicense (Unlicense)": "Unlicense",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Affero General Public License v3": "AGPL-3.0",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "zlib/libpng License": "Zlib",
}
"""The last part of trove classifiers that mean one licence. `Apache` and `BSD` say no version."""
_SPELLINGS = re.compile(
    r"(?P<kind>A|L)?GPL[ -]?v?(?P<major>[23])(?:\.0)?(?P<later>\+| or later)?", re.IGNORECASE
)
_APACHE = re.compile(r"Apache(?: License)?,?(?: Version)? ?v?2(?:\.0)?", re.IGNORECASE)
_MIT = re.compile(r"(?:The )?MIT(?: License)?", re.IGNORECASE)

_TEXTS = (
    ("GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "AGPL-3.0"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 3", "LGPL-3.0"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 2.1", "LGPL-2.1"),
    ("GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3.0"),
    ("GNU GENERAL PUBLIC LICENSE Version 2", "GPL-2.0"),
    ("Apache License Version 2.0", "Apache-2.0"),
    ("Mozilla Public License Version 2.0", "MPL-2.0"),
    ("This is free and unencumbered software released into the public domain", "Unlicense"),
    ("Permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"),
    ("Permission to use, copy, modify, and/or distribute this software for any purpose", "ISC"),
)
"""What stands near the beginning of a licence's text, whatever its line ends."""
_BSD = "Redistribution and use in source and binary forms"
_HEAD = 2_000


def spdx(name: str) -> str:
    """Return the SPDX expression that a free text names, e.g. `AGPL-3.0` for `AGPLv3`; else the text itself.

    Where the text does not say "or later", the short identifier leaves that open, as GitHub's does.
    """
    bare = " ".join(name.split())
    if len(bare) > LONGEST_NAME:
        return bare
    if match := _SPELLINGS.fullmatch(bare):
        later = "-or-later" if match["later"] else ""
        return f"{(match['kind'] or '').upper()}GPL-{match['major']}.0{later}"
    if _APACHE.fullmatch(bare):
        return "Apache-2.0"
    if _MIT.fullmatch(bare):
        return "MIT"
    try:
        return str(canonicalize_license_expression(bare))
    except (InvalidLicenseExpression, RecursionError, MemoryError):
        return bare


def is_spdx(name: str) -> bool:
    """Tell whether `name` is an SPDX expression as it should be written."""
    try:
        return len(name) <= LONGEST_NAME and canonicalize_license_expression(name) == name
    except (InvalidLicenseExpression, RecursionError, MemoryError):
        return False


def of_classifier(classifier: str) -> str:
    """Return the licence that a trove classifier means, "" where it means none or several."""
    kind, *_, last = classifier.split(" :: ")
    return _CLASSIFIERS.get(last.strip(), "") if kind.strip() == "License" else ""


def of_text(text: str) -> str:
    """Return the licence whose text this is, "" where that cannot be told."""
    head = " ".join(text[: 4 * _HEAD].split())[:_HEAD].lower()
    found = next((name for sign, name in _TEXTS if sign.lower() in head), "")
    if found or _BSD.lower() not in head:
        return found
    return "BSD-3-Clause" if "neither the name" in head else "BSD-2-Clause"


def same(first: str, second: str) -> bool:
    """Tell whether two names may mean one licence: `AGPL-3.0` and `AGPL-3.0-or-later` do."""
    short = [re.sub(r"-(?:only|or-later)$", "", spdx(name)).lower() for name in (first, second)]
    return short[0] == short[1]
