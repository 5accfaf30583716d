"""What somebody probably meant by a value that cannot be used: guesses, likeliest first, proven later."""

import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches

from registry.registration.values import OS_NAMES
from registry.text.pep440 import is_specifier

LONGEST = 300
"""Characters of a value that is guessed at."""

_WORDS_OF_YAML = re.compile(r"(?:y|n|yes|no|on|off|true|false|null|~)", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./+&()',@%=?~ -]*(?::[A-Za-z0-9_./+&()',@%=?~-]+)*")


def yaml_text(text: str) -> str:
    """Return `text` as a YAML scalar that reads back as this text, plain where that is safe."""
    if (
        _PLAIN.fullmatch(text)
        and not text.endswith(" ")
        and " #" not in text
        and not _WORDS_OF_YAML.fullmatch(text)
    ):
        return text
    return double_quoted(text)


def double_quoted(text: str) -> str:
    """Return `text` in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


_VERSION = r"\d{1,4}(?:\.\d{1,4}){0,3}"


def python_specifiers(text: str) -> Iterator[str]:
    """Yield PEP 440 specifiers that `3`, `3.7+`, `>=3.7.x`, `3.7-3.11` or `python 3` may mean."""
    yield from _specifiers(text, upper=True)


def host_versions(text: str) -> Iterator[str]:
    """Yield versions or specifiers that `1.4+`, `1.4.x` or `OctoPrint 1.4` may mean."""
    bare = _stripped(text)
    if match := re.fullmatch(rf"({_VERSION})(?:\.[xX*])?\s*\+?", bare):
        yield match[1]
    yield from _specifiers(text, upper=False)


def _stripped(text: str) -> str:
    bare = text[:LONGEST].strip().strip("'\"`").strip()
    return re.sub(
        r"^(?:python|py|octoprint|version|v)\s*(?=[<>=~!^]*\s*\d)", "", bare, flags=re.IGNORECASE
    ).strip()


def _specifiers(text: str, *, upper: bool) -> Iterator[str]:
    for guess in _specifier_guesses(_stripped(text), upper=upper):
        if guess and is_specifier(guess):
            yield guess


def _specifier_guesses(bare: str, *, upper: bool) -> Iterator[str]:
    if match := re.fullmatch(rf"({_VERSION})\s*(?:-|–|to|\.\.)\s*({_VERSION})", bare):
        yield f">={match[1]},<{_next(match[2])}"
    if match := re.fullmatch(
        rf"\^?\s*({_VERSION})(?:\.[xX*])?\s*(?:\+|or (?:later|newer|higher|above))?", bare
    ):
        yield _from(match[1], upper)
    parts = [part for part in re.split(r"\s*(?:[,;&]|\band\b|\s(?=[<>=!~]))\s*", bare) if part]
    mended = [_part(part) for part in parts]
    if parts and all(mended):
        yield ",".join(mended)


def _part(part: str) -> str:
    """Return one comparison as PEP 440 writes it, "" when it cannot be told."""
    match = re.fullmatch(rf"(=>|=<|[<>=!~^≥≤]{{1,3}})\s*[vV]?({_VERSION})((?:\.[xX*])?)", part.strip())
    if not match:
        return ""
    swapped = {"=>": ">=", "=<": "<=", "=": "==", "~": "~=", "^": ">=", "≥": ">=", "≤": "<=", "===": "=="}
    sign, version, rest = swapped.get(match[1], match[1]), match[2], match[3]
    if sign == "~=" and "." not in version:
        return f">={version},<{int(version) + 1}"
    if sign in ("==", "!=") and (rest or version.count(".") < 2):
        return f"{sign}{version}.*"
    return sign + version


def _from(version: str, upper: bool) -> str:
    major = int(version.partition(".")[0])
    return f">={version},<{major + 1}" if upper else f">={version}"


def _next(version: str) -> str:
    """Return the version after all that begin with this one: 3.11 -> 3.12."""
    head, _, last = version.rpartition(".")
    return f"{head}.{int(last) + 1}" if head else str(int(last) + 1)


_OS_WORDS = {
    "win": "windows", "win32": "windows", "win64": "windows", "windows10": "windows", "windows11": "windows",
    "mac": "macos", "osx": "macos", "macosx": "macos", "darwin": "macos", "apple": "macos",
    "raspbian": "linux", "raspberrypi": "linux", "raspberrypios": "linux", "octopi": "linux",
    "debian": "linux", "ubuntu": "linux", "pi": "linux", "gnulinux": "linux", "unix": "posix",
    "bsd": "freebsd",
}  # fmt: skip


def os_names(text: str) -> Iterator[str]:
    """Yield the operating system that `Windows`, `osx` or `Raspbian` means, `!` kept."""
    bare = text[:LONGEST].strip()
    sign = "!" if bare.startswith(("!", "not ")) else ""
    word = re.sub(r"[^a-z0-9]", "", bare.lower().removeprefix("not "))
    yield from (sign + name for name in (_OS_WORDS.get(word), word) if name in OS_NAMES)
    yield from (sign + name for name in get_close_matches(word, OS_NAMES, n=1, cutoff=0.75))


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def days(text: str) -> Iterator[str]:
    """Yield the day that `2024/1/2`, `2. 1. 2024` (a dot: day first) or `Jan 2, 2024` means."""
    bare = text[:LONGEST].strip().strip("'\"")
    numbers = [int(number) for number in re.findall(r"\d{1,4}", bare)[:3]]
    month = next((index for index, name in enumerate(_MONTHS, 1) if re.search(rf"\b{name}", bare.lower())), 0)
    if re.match(r"\d{4}\D\d{1,2}\D\d{1,2}", bare):
        yield from _day(*numbers)
    elif re.fullmatch(r"\d{8}", bare):
        yield from _day(int(bare[:4]), int(bare[4:6]), int(bare[6:]))
    elif month and len(numbers) >= 2 and numbers[1] > 31:
        yield from _day(numbers[1], month, numbers[0])
    elif match := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", bare):
        yield from _day(int(match[3]), int(match[2]), int(match[1]))
    elif match := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", bare):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        # 3/4/2024 is March or April: nobody can tell.
        if first > 12 or first == second:
            yield from _day(year, second, first)
        elif second > 12:
            yield from _day(year, first, second)


def _day(year: int, month: int, day: int) -> Iterator[str]:
    try:
        yield date(year, month, day).isoformat()
    except ValueError:
        return


def urls(text: str) -> Iterator[str]:
    """Yield the address that was meant: blanks and brackets off, the scheme put before it."""
    bare = text[:2_000].strip().strip("<>\"'`").strip()
    if match := re.fullmatch(r"\[[^\]]*\]\(\s*([^()\s]+)\s*\)", bare):
        bare = match[1]
    bare = re.sub(r"^(https?):/{0,3}(?=[A-Za-z0-9])", r"\1://", bare, flags=re.IGNORECASE)
    bare = re.sub(
        r"^(?:ht+ps?|hhtps?|https?s?):?/{1,3}(?=[A-Za-z0-9])", "https://", bare, flags=re.IGNORECASE
    )
    if match := re.fullmatch(r"git@([A-Za-z0-9.-]+):([A-Za-z0-9._/-]+?)(?:\.git)?", bare):
        yield f"https://{match[1]}/{match[2]}"
    if match := re.fullmatch(r"(?:git|ssh|git\+https?)://(?:git@)?(.+?)(?:\.git)?", bare):
        yield f"https://{match[1]}"
    if re.match(r"https?://", bare):
        yield re.sub(r"^(https?://)[^/@\s]*@", r"\1", bare)
        yield re.sub(r"\s+", "%20", bare)
        yield bare.split()[0]
    elif re.match(r"//[A-Za-z0-9]", bare):
        yield f"https:{bare}"
    elif re.match(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:[/:?#]|\Z)", bare):
        yield f"https://{bare}"
