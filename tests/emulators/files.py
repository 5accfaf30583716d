"""The files of an emulated repository: short descriptions in, bytes out."""

import hashlib
import random
from collections.abc import Mapping
from functools import cache
from itertools import count
from string import Template
from typing import Any


def sha1(*parts: str | bytes) -> str:
    """Hash as git does."""
    digest = hashlib.sha1(usedforsecurity=False)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part)
    return digest.hexdigest()


def as_file(file: Any) -> Mapping[str, Any]:
    """Give a file's short form its long one."""
    return {"text": file} if isinstance(file, str) else file


def file_bytes(file: Any) -> bytes:
    """Return what a file holds."""
    described = as_file(file)
    if "symlink" in described:
        return str(described["symlink"]).encode()
    text = described.get("text", "") + filler(described.get("filler", 0)) + described.get("tail", "")
    return str(text).encode("utf-8", "surrogatepass")


def folders_of(files: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the names in each folder; the root is the empty path."""
    folders: dict[str, set[str]] = {"": set()}
    for path in files:
        parts = path.split("/")
        for depth, name in enumerate(parts):
            folders.setdefault("/".join(parts[:depth]), set()).add(name)
    return folders


@cache
def filler(size_bytes: int) -> str:
    """Return methods of a class as they stand in plugins, whole ones, until there are `size_bytes`.

    Other sizes begin at other methods, so that two files do not compress as if they were one.
    """
    pool = methods()
    start = size_bytes * 7_919 % len(pool)
    taken: list[str] = []
    length = 0
    for number in count(start):
        if length >= size_bytes:
            break
        taken.append(pool[number % len(pool)])
        length += len(taken[-1])
    return "".join(taken)


@cache
def methods() -> tuple[str, ...]:
    """Return a thousand methods, each with words of its own: about as compressible as what people write."""
    made = []
    for number in range(1_000):
        rng = random.Random(number)
        words = {f"word{index}": f"{rng.choice(WORDS)}_{rng.choice(WORDS)}" for index in range(6)}
        words |= {"number": str(number), "low": str(rng.randint(1, 90)), "high": str(rng.randint(91, 4_000))}
        made.append(Template(METHODS[number % len(METHODS)]).substitute(words))
    return tuple(made)


PRINTING = """
axis baud bed bucket buffer camera channel chamber coil cooldown cycle delay dialog drive echo encoder
endstop event extruder fan feed filament firmware flow frame gantry gcode handle heater height hook hotend
idle infill interval jerk job knob lamp layer leveller limit line macro mesh message motor nozzle offset
outlet panel pause pin plate port power preheat preview probe profile pulse purge queue raft rail relay
report resume retract rod route sensor serial shield slicer snapshot socket speed spool step stream switch
target temperature thermal ticket timelapse token tool tower trace unload upload usage vent volume wait wipe
wire zone
"""
WORDS = PRINTING.split()

METHODS = (
    '''
    def ${word0}_$number(self, data):
        """Keep the $word1 within what the $word2 takes."""
        ${word1} = int(data.get("${word1}", $low))
        if ${word1} < 1 or ${word1} > $high:
            self._logger.warning("${word3} %d is out of range, using $low", ${word1})
            ${word1} = $low
        self._settings.set_int(["${word4}", "${word5}"], ${word1})
        self._timers["${word0}"] = RepeatedTimer(${word1}, self.${word2}_$number, run_first=True)
''',
    """
    def ${word1}_$number(self):
        try:
            ${word2} = self._session.get(self._url("${word3}/${word4}"), timeout=$low)
            ${word2}.raise_for_status()
        except Exception:
            self._logger.exception("Could not read ${word5} of $high")
            return
        for ${word0}, value in ${word2}.json().items():
            self._${word4}[(${word0}, $number)] = {"${word5}": value, "at": time.time()}
        self._plugin_manager.send_plugin_message(self._identifier, dict(type="${word3}", id=$number))
""",
    """
    def hook_${word5}_$number(self, comm, phase, cmd, cmd_type, gcode, *args, **kwargs):
        # ${word0} shows the ${word1}, ${word2} answers it; both are cut to what a ${word3} takes
        if gcode in ("M$low", "M$high") and len(cmd) > $low:
            return [(cmd[:$low], cmd_type)]
        if gcode == "G$low" and not self._${word4}:
            self._${word4} = True
            return ["M$high S$low", cmd]
        return cmd
""",
    '''
    def get_${word2}_commands_$number(self):
        return dict(
            ${word0}=["${word1}", "${word3}"],
            ${word4}=[],
            ${word5}=["$low", "$high"],
        )

    def get_${word3}_vars_$number(self):
        """What the template of ${word4} prints."""
        return {
            "${word1}": "Tool $number",
            "${word2}": [("${word0}", $high), ("${word5}", $low), ("slow", 20)],
            "enabled": self._settings.get_boolean(["${word3}", "${word4}", "enabled"]),
        }
''',
)
