"""Named facts that end a request: what was wrong, where, and what to do. `app.edge.problems` maps them to HTTP."""


class Fact(Exception):
    """Something the caller must know. `str()` is one full sentence, safe to show to whoever asked."""


class Unknown(Fact):
    """The thing does not exist, or belongs to somebody else."""

    def __init__(self, what: str, key: object = None) -> None:
        super().__init__(f"There is no {what} '{key}' here." if key is not None else f"There is no such {what}.")


class Refused(Fact):
    """Well formed, but not possible in the present state."""


class Malformed(Fact):
    """A value that cannot be right: carries the field and what was wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class Over(Fact):
    """It was possible once and is not any more."""


class OutsideUnit(Fact):
    """A manager asked about a unit that is neither their own nor below it."""

    def __init__(self, unit: str, own: str) -> None:
        super().__init__(f"The unit '{unit}' is outside '{own}', which this key is limited to.")


class LinkUnknown(Fact):
    """The token is cut, forged, or made for another purpose."""

    def __init__(self) -> None:
        super().__init__("This link is not one of ours.")


class InvitationExpired(Over):
    """The link's last day has passed."""

    def __init__(self) -> None:
        super().__init__("This invitation has expired.")


class InvitationWithdrawn(Over):
    """The link was revoked, or the person was erased."""

    def __init__(self) -> None:
        super().__init__("This invitation has been withdrawn.")


class WaveClosed(Over):
    """The round of the survey is over."""

    def __init__(self) -> None:
        super().__init__("This round of the survey has closed.")


class AlreadyAnswered(Over):
    """The time in which the answer could be corrected has passed."""

    def __init__(
        self, message: str = "This invitation has been answered, and the time to change the answer has passed."
    ) -> None:
        super().__init__(message)


class PageWithdrawn(Over):
    """The open page was taken back."""

    def __init__(self) -> None:
        super().__init__("This page has been withdrawn and takes no answers.")


class PublicationWithdrawn(Over):
    """The results were shown to staff and are not any more."""

    def __init__(self) -> None:
        super().__init__("These results are no longer published.")
