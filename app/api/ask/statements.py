"""What a closed anonymous wave stated of itself, signed, and letting a wave forget."""

from typing import Any

import structlog
from fastapi import BackgroundTasks, Depends
from pydantic import BaseModel, Field

from app.api.ask.waves import sweep_afterwards
from app.api.conventions.edge import Anyone, Now, Owner, Reading, Writing
from app.api.conventions.routes import Router
from surveys.anonymity import forgetting
from surveys.anonymity.statements import statements
from surveys.fieldwork import waves

router = Router(tags=["ask"])
log = structlog.get_logger()


class StatementOut(BaseModel):
    """A statement with its signature; docs/anonymity.md says how to check it."""

    statement: dict[str, Any] = Field(description="In the canonical form of RFC 8785 it is what was signed.")
    signature: str = Field(description="Ed25519, base64url.")
    key: str = Field(
        description="The key it was signed with, among those of /.well-known/soundings-statement-keys.json."
    )


@router.get("/waves/{key}/statement")
def get_statement(key: str, caller: Anyone, session: Reading) -> StatementOut:
    """What an anonymous wave stated as it closed: how many it asked and counted. 409 while it is open."""
    return StatementOut(**statements.of(session, waves.get(session, caller.organisation_id, key)))


class ForgottenOut(BaseModel):
    """What a wave held and does not hold any more."""

    participants: int = Field(description="Keyed hashes of who answered.")
    former_people: int = Field(description="Keyed hashes of people who were asked and erased since.")
    scores: int
    comments: int
    baselines: list[str] = Field(description="Keys of baselines that held its answers; they are gone too.")


@router.delete("/waves/{key}/participants", dependencies=[Depends(sweep_afterwards)])
def forget_participants(
    key: str, caller: Owner, session: Writing, now: Now, afterwards: BackgroundTasks
) -> ForgottenOut:
    """Let a closed anonymous wave forget who took part, and with that all that was answered, for good.

    How many were asked and answered in all stays, and so does its statement. No later wave is compared with it, and
    baselines that its answers were counted in are deleted. Results are published no longer. 409 while it is open.
    """
    wave = waves.get(session, caller.organisation_id, key)
    gone = ForgottenOut(**forgetting.forget(session, wave, now).counts())
    named = {"organisation": caller.organisation_id, "wave": key, "key": str(caller.key_id)}
    afterwards.add_task(log.warning, "wave forgotten", **named, **gone.model_dump())
    return gone
