"""Groups: what a group of answers is called."""

from functools import cache

from analytics.reports.names import Naming
from app.phrases.speech import Speech


@cache
def naming(speech: Speech) -> Naming:
    """The words for groups: those without a value, and the one that holds all answers."""
    _ = speech.gettext
    return Naming(
        everything=_("All answers"),
        without={
            "touchpoint": _("Without a touchpoint"),
            "unit": _("Without a unit"),
            "channel": _("Without a channel"),
            "locale": _("Without a language"),
            "wave": _("Outside waves"),
        },
        without_segment=_("Without “%(name)s”"),
    )
