"""Checks of what links are made of: the secret that signs them, and the address they start with."""

from urllib.parse import urlsplit

from app.checkup.finding import Finding, fail, ok, warn
from app.settings import SecretMissing, Settings

FEWEST_CHARACTERS = 10
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MAKE_ONE = 'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


def secret(settings: Settings) -> Finding:
    """Whether every secret is long enough, and not one that can be guessed."""
    try:
        parts = settings.secrets
    except SecretMissing:
        return fail("secret", "SOUNDINGS_SECRET is missing or shorter than 32 bytes", MAKE_ONE)
    fewest = min(len(set(part)) for part in parts)
    if fewest < FEWEST_CHARACTERS:
        return fail("secret", f"one of only {fewest} different characters: links could be forged", MAKE_ONE)
    return ok("secret", f"{len(parts)} in use, {min(map(len, parts))} bytes or more")


def base_url(settings: Settings) -> Finding:
    """Whether the links in mails reach this service, over TLS."""
    name, parts = "address", urlsplit(settings.base_url)
    if parts.scheme == "https":
        return ok(name, settings.base_url)
    if parts.hostname in LOOPBACK:
        return warn(
            name, f"links start with {settings.base_url}, which works on this machine only",
            "Set SOUNDINGS_BASE_URL to the https address that people reach this service under.",
        )  # fmt: skip
    return fail(
        name, f"{settings.base_url} is not https: answers and keys could be read on the way",
        "Put a proxy with a certificate in front, and set SOUNDINGS_BASE_URL to its https address.",
    )  # fmt: skip
