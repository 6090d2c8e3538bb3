"""Settings of the service: SOUNDINGS_* environment variables, each also readable from a file (..._FILE)."""

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.operations import addresses

PREFIX = "SOUNDINGS_"
SECRET_BYTES = 32
DATABASES = ("sqlite", "sqlite+pysqlite", "postgresql", "postgres", "postgresql+psycopg")
# Put beside us by Kubernetes where the service is called soundings.
KUBERNETES = re.compile(rf"{PREFIX}(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")
METRICS = ("off", "public")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsWrong(Exception):
    """Settings that cannot be right: one line each, with its name and without passwords."""

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__("\n".join(lines))


class FromFiles(PydanticBaseSettingsSource):
    """Reads SOUNDINGS_NAME_FILE, for secrets that an orchestrator mounts as files."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """The stripped content of the named file, or None."""
        name = f"{PREFIX}{field_name.upper()}_FILE"
        path = os.environ.get(name)
        try:
            return (Path(path).read_text().strip() if path else None), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsWrong([f"{name}: {path}: {getattr(error, 'strerror', error)}"]) from None

    def __call__(self) -> dict[str, Any]:
        """All fields that a file was named for."""
        read = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: text for name, text in read.items() if text is not None}


class Settings(BaseSettings):
    """What an operator may set; README and docs/operating.md list the same names. Raises SettingsWrong."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    database_url: str = Field("sqlite:///var/soundings.db", description="sqlite:///path or postgresql://...")
    report_database_url: str | None = Field(None, description="A read replica for reports.")
    secret: str = Field("", description="32 bytes or more; several, comma separated, newest first.")
    base_url: str = Field("http://127.0.0.1:8000", description="Address that links in mails start with.")
    mail: str = Field("folder:var/mail", description="smtp://user:password@host:port, smtps://..., or folder:PATH.")
    mail_from: str = Field("Soundings <soundings@localhost>", description="Sender of the mails.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    metrics: str = Field("off", description="public: /metrics is answered beside everything else.")
    metrics_address: str | None = Field(None, description="host:port, or host:first-last, for /metrics alone.")
    worker: bool = Field(False, description="Whether the serving process sends mail too; set by `soundings serve`.")
    demo: bool = Field(False, description="Allows /dev/inbox and a made-up secret; set by `soundings demo` only.")

    def __init__(self, **own: Any) -> None:
        lines = list(_unknown(type(self).model_fields))
        try:
            super().__init__(**own)
        except ValidationError as refused:
            lines += [f"{PREFIX}{str(error['loc'][0]).upper()}: {_reason(error)}" for error in refused.errors()]
        if lines:
            raise SettingsWrong(lines)

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
    def _web_address(cls, text: str) -> str:
        """The address without a slash at its end; links begin with it, so it has nothing behind its path."""
        try:
            parts = urlsplit(text)
            whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            whole = False
        if not whole or not text.isprintable() or any(mark in text for mark in ' ?#@\\"<>'):
            raise ValueError("an address that begins with https:// or http:// is wanted, without a question behind it.")
        return text.rstrip("/")

    @field_validator("database_url", "report_database_url")
    @classmethod
    def _database_address(cls, text: str | None) -> str | None:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            known = text is None or make_url(text).drivername in DATABASES
        except (ArgumentError, ValueError):
            known = False
        if not known:
            raise ValueError("sqlite:///path or postgresql://user:password@host/name is wanted.")
        return text

    @field_validator("metrics")
    @classmethod
    def _known_metrics(cls, text: str) -> str:
        if text not in METRICS:
            raise ValueError(f"one of {', '.join(METRICS)} is wanted.")
        return text

    @field_validator("metrics_address")
    @classmethod
    def _listening_address(cls, text: str | None) -> str | None:
        if text is not None:
            addresses.read(text)
        return text

    @field_validator("report_database_url", "metrics_address", mode="before")
    @classmethod
    def _none_where_empty(cls, text: str | None) -> str | None:
        return text or None

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, text: str) -> str:
        if text.upper() not in LEVELS:
            raise ValueError(f"one of {', '.join(LEVELS)} is wanted.")
        return text

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


def _unknown(names: Iterable[str]) -> Iterable[str]:
    """A line for each variable that looks like a setting and is none."""
    settings = [f"{PREFIX}{name.upper()}" for name in names]
    known = {*settings, *(f"{name}_FILE" for name in settings)}
    for name in sorted(name for name in os.environ if name.upper().startswith(PREFIX)):
        if name.upper() in known or KUBERNETES.fullmatch(name):
            continue
        # Compared without what all of them begin with, or anything would be close to something.
        own = {each.removeprefix(PREFIX) for each in known}
        meant = get_close_matches(name.upper().removeprefix(PREFIX), own, n=1)
        yield f"{name}: there is no such setting{f'; is {PREFIX}{meant[0]} meant?' if meant else '.'}"


def _reason(error: Any) -> str:
    """Why pydantic refuses it, without the text itself, which may be a password."""
    return str(error["ctx"]["error"]) if error["type"] == "value_error" else f"{error['msg'].lower()}."
