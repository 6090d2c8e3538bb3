"""Whether a unit may be archived says nothing of who has answered an anonymous survey."""

import pytest

from app.storage.database import Database
from surveys.facts import Refused
from surveys.fieldwork import archive, waves
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, cast, hire, make_enps, make_units, open_wave, team


def test_a_unit_asked_anonymously_stays_until_the_wave_closes_whoever_has_answered(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_units(session, organisation.id, {"a": None, "b": None})
        staff = [*team("a", 1), *team("b", 12)]
        hire(session, organisation.id, staff)
        invitations = open_wave(session, make_enps(session, organisation.id), "w1", staff)
        cast(session, invitations["a-0"], 9)
        for unit in ("a", "b"):
            with pytest.raises(Refused, match="open invitations"):
                archive.archive_unit(session, organisation.id, unit, NOW)
        waves.close(session, organisation.id, "w1", NOW + LASTS)
        archive.archive_unit(session, organisation.id, "a", NOW + LASTS)
