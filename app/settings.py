"""Settings of the service: SOUNDINGS_* environment variables, each also readable from a file (..._FILE)."""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "SOUNDINGS_"
SECRET_BYTES = 32


class FromFiles(PydanticBaseSettingsSource):
    """Reads SOUNDINGS_NAME_FILE, for secrets that an orchestrator mounts as files."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """The stripped content of the named file, or None."""
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All fields that a file was named for."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """What an operator may set; README and docs/operating.md list the same names."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    database_url: str = Field("sqlite:///var/soundings.db", description="sqlite:///path or postgresql://...")
    report_database_url: str | None = Field(None, description="A read replica for reports.")
    secret: str = Field("", description="32 bytes or more; several, comma separated, newest first.")
    base_url: str = Field("http://127.0.0.1:8000", description="Address that links in mails start with.")
    mail: str = Field("folder:var/mail", description="smtp://user:password@host:port, smtps://..., or folder:PATH.")
    mail_from: str = Field("Soundings <soundings@localhost>", description="Sender of the mails.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    worker: bool = Field(False, description="Whether the serving process sends mail too; set by `soundings serve`.")
    demo: bool = Field(False, description="Allows /dev/inbox and a made-up secret; set by `soundings demo` only.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - fixed by the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then files."""
        return init_settings, env_settings, FromFiles(settings_cls)

    @field_validator("base_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def secrets(self) -> list[bytes]:
        """Signing secrets, newest first. Raises SecretMissing when one is absent or short."""
        parts = [part.strip().encode() for part in self.secret.split(",") if part.strip()]
        if not parts or any(len(part) < SECRET_BYTES for part in parts):
            raise SecretMissing
        return parts


class SecretMissing(Exception):
    """SOUNDINGS_SECRET is absent or shorter than 32 bytes."""

    def __str__(self) -> str:
        return (
            "SOUNDINGS_SECRET must hold 32 bytes or more: it signs every survey link. "
            'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
