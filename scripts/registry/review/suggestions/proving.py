"""A folder in which a changed registration is judged with other content, all around it unchanged."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.review.change import Change
from registry.review.staging import Staged, is_fit, stage
from registry.text.problems import Problem
from registry.validation.validator import Validator


@dataclass(frozen=True, slots=True)
class Proving:
    """The staged change; files in it are written over and put back."""

    staged: Staged
    validator: Validator

    def raw(self, path: str) -> bytes:
        """Return the file as the change has it, b"" where it is not staged."""
        return self.staged.after.get(path, b"")

    def check(self, path: str, raw: bytes) -> Sequence[Problem]:
        """Return the problems of the file at `path` (of `staged.after`) if its content were `raw`."""
        file = self.staged.folder / path
        file.write_bytes(raw)
        try:
            return [self.staged.shown(problem) for problem in self.validator.validate([file])]
        finally:
            file.write_bytes(self.staged.after[path])


@contextmanager
def proving(change: Change, today: date, server_url: str) -> Iterator[Proving]:
    """Stage the change in a temporary folder. Raises ChangeError."""
    with TemporaryDirectory(prefix="almanac-proving-") as name:
        folder = Path(name).resolve()
        staged = stage(change, [file for file in change.files if is_fit(file)], folder)
        yield Proving(staged, Validator(today=today, server_url=server_url, base=staged))
