"""Touchpoints: moments where someone meets the organisation, each with its promise."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys import keys
from surveys.facts import Malformed, Unknown
from surveys.names import check_name, match
from surveys.organisation.organisations import check_locale, take_turn
from surveys.organisation.organisations import get as get_organisation
from surveys.tables import Survey, Touchpoint, Unit


def put(session: Session, organisation_id: int, key: str, **columns: Any) -> tuple[Touchpoint, bool]:
    """Make or change a touchpoint, out of the archive too; the flag says whether it is new.

    `columns` are name, audience, promise, target_nps (points), unit_key, what is sent after an interaction (survey_key
    and survey_delay_hours), and names and promises by language tag. Where there are names, `name` may be null: it is
    then the one in the organisation's language, or else the first. Raises Malformed for what is not there.
    """
    texts = {column: columns.get(column) or {} for column in ("names", "promises")}
    for column, by_locale in texts.items():
        for locale in by_locale:
            check_locale(locale, f"{column}.{locale}")
    for locale, name in texts["names"].items():
        check_name(f"names.{locale}", name)
    name = columns["name"] or _own(session, organisation_id, texts["names"]) or ""
    check_name("name", name)
    promise = columns["promise"] or _own(session, organisation_id, texts["promises"]) or ""
    take_turn(session, organisation_id)  # nobody archives the unit or the survey meanwhile
    keys.check_offered(session, organisation_id, Unit, "unit", columns["unit_key"])
    _check_survey(session, organisation_id, columns.get("survey_key"), columns.get("survey_delay_hours"))
    put = columns | texts | {"name": name, "promise": promise, "archived_at": None}
    return keys.put(session, Touchpoint, organisation_id, key, put)


def _own(session: Session, organisation_id: int, by_locale: Mapping[str, str]) -> str | None:
    """The text in the organisation's language, or else the first, where there are any."""
    if not by_locale:
        return None
    return by_locale[match(by_locale, [get_organisation(session, organisation_id).locale]) or next(iter(by_locale))]


def _check_survey(session: Session, organisation_id: int, key: str | None, delay_hours: int | None) -> None:
    keys.check_offered(session, organisation_id, Survey, "survey", key)
    if key is None and delay_hours is not None:
        raise Malformed("delay_hours", "there is no survey to send after this time; name it, or leave this out.")
    if key is not None and session.get_one(Survey, (organisation_id, key)).mode == "anonymous":
        raise Malformed("survey", f"survey '{key}' is anonymous, and those are asked in waves only.")


def name_in(name: str, names: Mapping[str, str], locales: Sequence[str]) -> str:
    """The name in the first of the languages that there is, or else `name`, which stands for all."""
    locale = match(names, locales)
    return name if locale is None else names[locale]


def units_of(session: Session, organisation_id: int, keys: Collection[str | None]) -> dict[str | None, str | None]:
    """Those of the touchpoints that exist, each with its unit or None: answers that name no unit count in that one."""
    rows = sa.select(col(Touchpoint.key), col(Touchpoint.unit_key)).where(
        col(Touchpoint.organisation_id) == organisation_id, col(Touchpoint.key).in_(sorted(filter(None, keys)))
    )
    return {row.key: row.unit_key for row in session.execute(rows)}


def get(session: Session, organisation_id: int, key: str) -> Touchpoint:
    """The touchpoint with this key. Raises Unknown."""
    touchpoint = session.get(Touchpoint, (organisation_id, key))
    if touchpoint is None:
        raise Unknown("touchpoint", key)
    return touchpoint
