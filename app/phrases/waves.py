"""Waves: what a round of an anonymous survey released, and what it did not."""

from collections.abc import Sequence

from analytics.reports.metrics import Item
from analytics.reports.names import Names
from app.phrases import changes, estimates
from app.phrases.speech import Speech
from surveys.anonymity.roll import Roll
from surveys.tables import Wave


def quoted(speech: Speech, waves: Sequence[Wave]) -> str:
    """The keys of waves in a row."""
    return speech.listed([f"“{wave.key}”" for wave in waves])


def units(speech: Speech, known: Names, keys: Sequence[str | None]) -> str:
    """The names of units in a row."""
    return speech.listed([known.label({"unit": key}) for key in keys])


def people(speech: Speech, wave: Wave, roll: Roll) -> list[str]:
    """What was done to the people whom a wave asks, and who of them counts for its floors."""
    done = speech.gettext(
        "%(asked)s asked; %(added)s added within a day of opening; %(erased)s erased since.",
        asked=speech.number(roll.asked), added=speech.number(roll.added), erased=speech.number(roll.erased),
    )  # fmt: skip
    if not wave.known_days:
        return [
            done,
            speech.gettext("Everybody asked counts towards the size of a group, however lately they were added."),
        ]
    known = speech.ngettext(
        "Of those asked %(known)s had been known for %(num)s day or longer; only their answers make a group large "
        "enough.",
        "Of those asked %(known)s had been known for %(num)s days or longer; only their answers make a group large "
        "enough.",
        wave.known_days, known=speech.number(roll.known),
    )  # fmt: skip
    return [done, known]


def awaiting(speech: Speech, wave: Wave) -> str:
    """That a wave waits for a second key."""
    return speech.gettext(
        "The wave “%(wave)s” is awaiting confirmation: it opens once the key of another owner or analyst than the one "
        "who planned it has confirmed whom it asks.",
        wave=wave.key,
    )


def too_few(speech: Speech, wave: Wave, roll: Roll | None) -> str:
    """Why nothing was released of a wave that few answered, or few who count for its floor."""
    if roll is not None and (roll.known < roll.asked or roll.erased):
        return speech.ngettext(
            "Of the wave “%(wave)s” nothing is shown: fewer than %(num)s person answered who had been known for long "
            "enough, and all answers were deleted when it closed.",
            "Of the wave “%(wave)s” nothing is shown: fewer than %(num)s people answered who had been known for long "
            "enough, and all answers were deleted when it closed.",
            wave.floor or 0, wave=wave.key,
        )  # fmt: skip
    return speech.ngettext(
        "Of the wave “%(wave)s” nothing is shown: fewer than %(num)s person answered, and their answers were deleted "
        "when it closed.",
        "Of the wave “%(wave)s” nothing is shown: fewer than %(num)s people answered, and their answers were deleted "
        "when it closed.",
        wave.floor or 0, wave=wave.key,
    )  # fmt: skip


def alike(speech: Speech, wave: Wave) -> str:
    """Why nothing was released of a wave that would show, beside earlier ones, what a few answered."""
    return speech.gettext(
        "Of the wave “%(wave)s” nothing is shown: set against earlier ones, it would have shown what a few people "
        "answered. The answers were deleted when the wave closed. The survey may release its total always, which the "
        "page about the answers then says.",
        wave=wave.key,
    )


def alike_next(speech: Speech) -> str:
    """That the next wave may be much like the last."""
    return speech.gettext(
        "Of so few people, nearly the same may answer again next time; then nothing of that wave can be shown."
    )


def together(speech: Speech, known: Names, item: Item) -> str:
    """With whom the answers of a unit were counted, where it has no figures of its own."""
    if item["beside"]:
        return speech.gettext("reported together with %(units)s", units=units(speech, known, item["beside"]))
    return estimates.instead(speech, item) or ""


def without(speech: Speech, known: Names, item: Item) -> str:
    """Whose answers are counted elsewhere; empty where all are here."""
    if not item["without"]:
        return ""
    return speech.gettext(
        "without people of %(units)s, reported with others", units=units(speech, known, item["without"])
    )


def change(speech: Speech, item: Item | None, wave: Wave, before: Wave | None) -> str:
    """A wave against the one before it."""
    if item is None or before is None:
        return speech.gettext("This is the first wave, so there is nothing to compare it with yet.")
    if item["baseline"]["suppressed"] or item["current"]["suppressed"]:
        return speech.gettext(
            "No comparison with the wave “%(wave)s” is possible: the figures of one of them are not shown.",
            wave=before.key,
        )
    if item["verdict"] == "too few":
        return speech.gettext("No comparison with the wave “%(wave)s” is possible: too few answers.", wave=before.key)
    now, then = (speech.gettext("the wave “%(wave)s”", wave=each.key) for each in (wave, before))
    return changes.against(speech, item, now=now[:1].upper() + now[1:], then=then)


def hidden(speech: Speech, known: Names, wave: Wave, total: Item, whole: Item | None) -> list[str]:
    """Why a wave has no figures here; `whole` is the row of the unit that is looked at."""
    if total["suppressed"] and whole is not None and whole["beside"]:
        return [
            speech.gettext(
                "In the wave “%(wave)s” these answers were reported together with %(units)s: figures of their own "
                "would give away too much of single people.",
                wave=wave.key, units=units(speech, known, whole["beside"]),
            )
        ]  # fmt: skip
    if total["suppressed"]:
        return [
            speech.gettext(
                "In the wave “%(wave)s” these answers were reported together with others: figures of their own would "
                "give away too much of single people.",
                wave=wave.key,
            )
        ]
    said = [speech.gettext("Nobody answered here in the wave “%(wave)s”.", wave=wave.key)]
    if total["invited"]:
        said.append(speech.ngettext("%(num)s person was invited.", "%(num)s people were invited.", total["invited"]))
    return said
