"""Statements: what an anonymous wave says of itself as it closes, signed so that nobody can say otherwise later."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import roll
from surveys.anonymity.seals import Secrets
from surveys.anonymity.statements import signatures
from surveys.facts import Refused, Unknown
from surveys.organisation import organisations
from surveys.tables import Cell, Invitation, Wave, WaveStatement
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

VERSION = 1
_C = core(Cell).c


def write(session: Session, wave: Wave, secrets: Secrets) -> None:
    """State what is so as the wave closes, released or not. It is not changed any more.

    How many answered is stated of released waves only, whose reports tell it: of a few asked it would tell who did.
    """
    content = _content(session, wave)
    text, signer = signatures.canonical(content), signatures.signer(secrets[0])
    session.add(
        WaveStatement(
            organisation_id=wave.organisation_id,
            wave_key=wave.key,
            statement=text.decode(),
            signature=signer.sign(text),
            signed_with=signer.thumbprint,
        )
    )
    session.flush()


def _content(session: Session, wave: Wave) -> dict[str, Any]:
    people = roll.of(session, wave)
    released = wave.counted_on is not None
    cells = sa.select(sa.func.count(sa.distinct(_C.merged_into)))
    return {
        "version": VERSION,
        "organisation": organisations.get(session, wave.organisation_id).key,
        "survey": wave.survey_key,
        "wave": wave.key,
        "opened_at": _instant(wave.invited_at),
        "closed_at": _instant(wave.closed_at),
        "asked": people and people.asked,
        "known": people and people.known,
        "known_days": wave.known_days,
        "added": people and people.added,
        "erased": people and people.erased,
        "answered": wave.answered_count if released else None,
        "released": released,
        "cells": session.execute(cells.where(*of_wave(_C, wave))).scalar_one(),
        "floor": wave.floor,
        "comment_floor": wave.comment_floor,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def of(session: Session, wave: Wave) -> dict[str, Any]:
    """The signed statement of a wave: `{statement, signature, key}`.

    Raises Refused while there will be one, Unknown where there is none: of confidential waves, and of older ones.
    """
    if (signed := find(session, wave.organisation_id, wave.key)) is not None:
        return signed
    if wave.closed_at is None and wave.floor is not None:
        raise Refused("This wave is open; it makes its statement as it closes.")
    raise Unknown("statement of the wave", wave.key)


def find(session: Session, organisation_id: int, wave_key: str) -> dict[str, Any] | None:
    """The signed statement of a wave; None where there is none."""
    row = session.get(WaveStatement, (organisation_id, wave_key))
    if row is None:
        return None
    signature = signatures.text_of(row.signature)
    return {"statement": json.loads(row.statement), "signature": signature, "key": row.signed_with}


def behind(session: Session, organisation_id: int, invitation_id: UUID) -> dict[str, Any] | None:
    """The signed statement of the wave that asked somebody; None where there is none."""
    invitation = session.get(Invitation, (organisation_id, invitation_id))
    if invitation is None or invitation.wave_key is None:
        return None
    return find(session, organisation_id, invitation.wave_key)


def keys(secrets: Secrets) -> list[dict[str, str]]:
    """The public keys of all secrets in use, as JSON Web Keys, newest first."""
    return [signatures.signer(secret).public for secret in secrets]
