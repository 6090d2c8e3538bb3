"""Folds: a long text in two parts, one that stands on a page and one that its reader opens."""

MOST, MOST_LINES = 800, 14  # up to here a text stands there as a whole
SHOWN, SHOWN_LINES = 600, 10  # of a longer one, so that what is opened is worth it


def fold(text: str) -> tuple[str, str]:
    """What is shown of a text, and the rest, which is empty where all is shown. Words stay whole where they can."""
    if len(text) <= MOST and text.count("\n") < MOST_LINES:
        return text, ""
    head = "\n".join(text[:SHOWN].split("\n")[:SHOWN_LINES])
    at = len(head)
    if not text[at].isspace():
        at = max(head.rfind(" "), head.rfind("\n"))
        at = at if at > SHOWN // 2 else len(head)
    return text[:at].rstrip(), text[at:].lstrip()
