"""Cures for faults of a registration: edits that may mend one.

A cure may be wrong, for each is proven before it is offered; so it stays short, and yields what is likeliest
first.
"""

from collections.abc import Mapping

from registry.review.suggestions.cures_of_keys import KEYS
from registry.review.suggestions.cures_of_text import TEXTS
from registry.review.suggestions.cures_of_values import VALUES
from registry.review.suggestions.edits import Case, Cure, Edit, Known

__all__ = ["CURES", "Case", "Cure", "Edit", "Known"]

CURES: Mapping[str, Cure] = {**TEXTS, **KEYS, **VALUES}
"""Code of a fault to its cure; a fault that only its author can mend has none."""
