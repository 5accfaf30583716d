"""How far the clocks of others may be from ours."""

from datetime import timedelta

AHEAD = timedelta(days=1)
"""A time that lies further ahead than this is not believed, nor a clock that is further off."""
