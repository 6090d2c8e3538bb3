"""Reasons: why a link is over, or why an answer was not taken, in the words of one language."""

from app import languages
from app.answering.intake import IntakeFull
from app.edge.problems import STATUS, Problem
from surveys import facts

# The first kind that fits; each is the name of its words.
KINDS: tuple[type[Exception], ...] = (
    facts.InvitationExpired,
    facts.InvitationWithdrawn,
    facts.PageWithdrawn,
    facts.PublicationWithdrawn,
    facts.WaveClosed,
    facts.AlreadyAnswered,
    facts.LinkUnknown,
    facts.Malformed,
    facts.Fact,
    IntakeFull,
)
BY_STATUS = {413: "TooLong", 415: "OtherForm"}


def name_of(what: Exception) -> str:
    """The reason that a fact, a problem of the edge or a full intake gives."""
    if isinstance(what, Problem):
        return BY_STATUS.get(what.status_code, "Malformed")
    if isinstance(what, facts.Malformed) and what.field == "submission_id":
        return "OtherForm"
    return next(kind.__name__ for kind in KINDS if isinstance(what, kind))


def status_of(what: Exception) -> int:
    """The status that goes with it."""
    if isinstance(what, Problem):
        return what.status_code
    return next((row[0] for kind, row in STATUS.items() if isinstance(what, kind)), 503)


def worded(name: str, variant: str, *, anonymous: bool) -> tuple[str, str]:
    """The heading and the sentence of a reason."""
    _ = languages.translator(variant).gettext
    unread, ended = _("We could not read this"), _("No more answers are taken. Thank you for wanting to take part.")
    kept = _("Your answer is saved and can no longer be changed. Thank you for taking part.")
    lost = _("Your answer can no longer be changed, because we could not find it among the others.")
    elsewhere = _("Please ask those who gave you the link whether they can be read elsewhere.")
    cut = _("Part of it may be missing. Please open the link in your message again, or copy all of it.")
    busy = _(
        "Many answers are arriving just now, and yours is not saved yet. Please go back and try again in a minute."
    )
    words = {
        "InvitationExpired": (
            _("This invitation has expired"), _("It can no longer be answered. Thank you for wanting to take part."),
        ),
        "InvitationWithdrawn": (_("This invitation has been withdrawn"), _("There is nothing you need to do.")),
        "PageWithdrawn": (_("This page is no longer in use"), ended),
        "PublicationWithdrawn": (_("These results are no longer published"), elsewhere),
        "WaveClosed": (_("This survey has closed"), ended),
        "AlreadyAnswered": (_("You have answered already"), lost if anonymous else kept),
        "LinkUnknown": (_("This link does not work"), cut),
        "Malformed": (unread, _("Nothing was saved. Please go back, check your answer and send it again.")),
        "TooLong": (_("This is too long"), _("Nothing was saved. Please go back, shorten it and send it again.")),
        "OtherForm": (unread, _("Nothing was saved. Please open the link again and answer on the page that it shows.")),
        "Fact": (_("This is not possible just now"), _("Nothing was saved. Please try again later.")),
        "IntakeFull": (_("One moment, please"), busy),
    }  # fmt: skip
    return words[name]
