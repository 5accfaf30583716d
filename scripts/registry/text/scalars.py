"""Scalars of YAML as people wrote them: 1.10 is the number 1.1 and the text "1.10"."""

import math
from datetime import date
from typing import Self


class FloatText(float):
    """A float that remembers how it was written: 1.10 is the number 1.1 and the text "1.10"."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, value: float, text: str = "") -> Self:
        """Without a text, it is written as YAML has it."""
        self = super().__new__(cls, value)
        self.text = text or write_float(float(value))
        return self


def scalar_text(value: object) -> str:
    """Return the text that a person meant by a scalar: 1.10 is "1.10", a date is ISO, true is "true"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, FloatText):
        return value.text
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def write_float(value: float) -> str:
    """Return a float in a form that YAML 1.1 knows: it wants a point, and a sign before the exponent."""
    if math.isfinite(value):
        text = repr(value)
        return text if "." in text or "e" not in text else text.replace("e", ".0e")
    return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
