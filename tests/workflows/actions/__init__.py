"""Stand-ins of the actions that our workflows use: strict about inputs, true about what they leave.

An action that is not in `ACTIONS`, another commit of it, or an input that it has not, is a WorkflowError.
"""

from tests.workflows.actions import artefacts, caches, pages, tools  # noqa: F401 - each enters its actions
from tests.workflows.actions.table import ACTIONS, ActionFailed, find

__all__ = ["ACTIONS", "ActionFailed", "find"]
