"""A wave that closes states what it counted, signed, and nothing that happens later changes it."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.storage.database import Database
from surveys.anonymity.statements import signatures, statements
from surveys.contacts import erasure
from surveys.facts import Refused, Unknown
from surveys.fieldwork import waves
from surveys.tables import Wave, WaveStatement
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation, make_survey
from tests.surveys.staff import LASTS, cast, hire, make_enps, make_units, open_wave, team

OTHER = b"another-secret-of-the-same-length-0123456789"


def closed_wave(database: Database, answering: int, erased: int = 0, key: str = "w1") -> dict[str, Any]:
    """The statement of a wave of 21 people, one of them made that day, of whom so many answer and are erased."""
    with database.writing() as session:
        make_organisation(session)
        make_units(session, 1, {"a": None, "b": None})
        staff = [*team("a", 10), *team("b", 10)]
        hire(session, 1, staff)
        hire(session, 1, team("b", 1, start=10), since=NOW - timedelta(hours=3))
        survey = make_enps(session, 1)
        links = open_wave(session, survey, key, [*staff, *team("b", 1, start=10)])
        for ref in list(links)[:answering]:
            cast(session, links[ref], 7)
        for ref in list(links)[:erased]:
            erasure.erase(session, 1, ref, NOW, SECRETS)
        waves.close(session, 1, key, NOW + LASTS, SECRETS)
        return statements.of(session, session.get_one(Wave, (1, key)))


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(signed: dict[str, Any], secret: bytes) -> None:
    (known,) = [key for key in statements.keys([OTHER, secret]) if key["kid"] == signed["key"]]
    signature = bytes_of(signed["signature"])
    public = Ed25519PublicKey.from_public_bytes(bytes_of(known["x"]))
    public.verify(signature, signatures.canonical(signed["statement"]))


def test_a_released_wave_states_whom_it_asked_and_what_it_counted(database: Database) -> None:
    signed = closed_wave(database, 18, erased=2)
    verified(signed, SECRETS[0])
    assert signed["statement"] == {
        "version": 1, "organisation": "fjord", "survey": "enps", "wave": "w1",
        "opened_at": "2026-04-14T10:00:00Z", "closed_at": "2026-04-21T10:00:00Z",
        "asked": 21, "known": 20, "known_days": 14, "added": 1, "erased": 2, "answered": 18,
        "released": True, "cells": 2, "floor": 5, "comment_floor": 10,
    }  # fmt: skip


def test_of_a_wave_that_is_not_released_nobody_is_told_how_many_answered(database: Database) -> None:
    signed = closed_wave(database, 4)
    verified(signed, SECRETS[0])
    parts = {name: signed["statement"][name] for name in ("asked", "answered", "released", "cells")}
    assert parts == {"asked": 21, "answered": None, "released": False, "cells": 0}


def test_whoever_changes_a_statement_or_signs_with_another_secret_is_found_out(database: Database) -> None:
    signed = closed_wave(database, 18)
    signed["statement"]["erased"] = 1
    with pytest.raises(InvalidSignature):
        verified(signed, SECRETS[0])
    assert signed["key"] not in {key["kid"] for key in statements.keys([OTHER])}


def test_a_statement_stays_what_it_was_whatever_happens_to_the_wave_afterwards(database: Database) -> None:
    signed = closed_wave(database, 18)
    with database.writing() as session:
        erasure.erase(session, 1, "a-1", NOW + LASTS, SECRETS)
        waves.close(session, 1, "w1", NOW + 2 * LASTS, [OTHER])
        assert statements.of(session, session.get_one(Wave, (1, "w1"))) == signed
    with database.writing() as session, pytest.raises(sa.exc.IntegrityError):
        statements.write(session, session.get_one(Wave, (1, "w1")), SECRETS)
    with database.reading() as session:
        (row,) = session.execute(sa.select(WaveStatement)).scalars()
        assert json.loads(row.statement) == signed["statement"]


def test_there_is_none_of_open_and_of_confidential_waves(database: Database) -> None:
    with database.writing() as session:
        make_organisation(session)
        hire(session, 1, team(None, 12))
        open_wave(session, make_enps(session, 1), "open", team(None, 12))
        confidential = make_survey(session, 1, audience="staff", rest_days=0)
        open_wave(session, confidential, "named", team(None, 12))
        with pytest.raises(Refused, match="as it closes"):
            statements.of(session, session.get_one(Wave, (1, "open")))
        waves.close(session, 1, "named", NOW + LASTS, SECRETS)
        with pytest.raises(Unknown):
            statements.of(session, session.get_one(Wave, (1, "named")))


def test_a_key_is_always_the_same_and_that_of_its_secret_alone() -> None:
    one, same, other = (signatures.signer(secret) for secret in (SECRETS[0], bytes(SECRETS[0]), OTHER))
    assert one.public == same.public
    assert one.public["x"] != other.public["x"]
    assert one.thumbprint != other.thumbprint


def test_the_canonical_form_is_that_of_rfc_8785() -> None:
    content = {"b": 'é\u2028\t"', "a": None, "c": True, "B": 10}
    assert signatures.canonical(content) == '{"B":10,"a":null,"b":"é\u2028\\t\\"","c":true}'.encode()
