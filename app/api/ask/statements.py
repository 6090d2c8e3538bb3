"""What a closed anonymous wave stated of itself, signed."""

from typing import Any

from pydantic import BaseModel, Field

from app.api.conventions.edge import Anyone, Reading
from app.api.conventions.routes import Router
from surveys.anonymity import statements
from surveys.fieldwork import waves

router = Router(tags=["ask"])


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
