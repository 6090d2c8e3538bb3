"""Who gets in, and for how long: a key opens the pages, and a cookie that holds none keeps them open."""

import asyncio
import re

from app.access import keys, sign_in
from app.settings import Settings
from app.storage.database import Database
from tests.app.client import client, make_key
from tests.app.pages.report_pages import enter, stocked
from tests.factories import NOW


def test_nobody_gets_in_without_a_key(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        sender = make_key(session, number, "sender")

    async def run() -> None:
        async with client(settings) as http:
            away = await http.get("/report")
            assert (away.status_code, away.headers["location"]) == (303, "/sign-in")
            assert (await enter(http, "snd_nonsense")).status_code == 401
            assert (await enter(http, sender)).status_code == 403
            http.cookies.set(sign_in.COOKIE, "forged.cookie.here")
            assert (await http.get("/report")).status_code == 303

    asyncio.run(run())


def test_a_revoked_key_is_out_at_once(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        made, key = keys.create(session, number, role="reader", now=NOW)

    async def run() -> None:
        async with client(settings) as http:
            await enter(http, key)
            assert (await http.get("/report")).status_code == 200
            with database.writing() as session:
                keys.revoke(session, number, made.id, NOW)
            assert (await http.get("/report")).status_code == 303

    asyncio.run(run())


def test_the_cookie_holds_no_key_and_no_script_reads_it(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")

    async def run() -> None:
        async with client(settings) as http:
            cookie = (await enter(http, key)).headers["set-cookie"]
            assert key[4:] not in cookie
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie

    asyncio.run(run())


def test_a_form_of_another_site_signs_nobody_in_or_out(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        key = make_key(session, number, "analyst")

    async def run() -> None:
        async with client(settings) as http:
            assert (await http.post("/sign-in", data={"key": key})).status_code == 403
            stranger = sign_in.form_token(settings.secrets, sign_in.new_nonce())
            assert (await http.post("/sign-in", data={"key": key, "token": stranger})).status_code == 403
            await enter(http, key)
            assert (await http.post("/sign-out", data={"token": stranger})).status_code == 403
            page = await http.get("/report")
            token = re.search(r'name="token" value="([^"]+)"', page.text)
            assert token
            assert (await http.post("/sign-out", data={"token": token[1]})).headers["location"] == "/sign-in"
            assert (await http.get("/report")).status_code == 303

    asyncio.run(run())


def test_a_session_survives_a_change_of_the_secret(settings: Settings, database: Database) -> None:
    with stocked(database) as (session, number):
        _, key = keys.create(session, number, role="reader", now=NOW)
        caller = keys.authenticate(session, key, NOW)
        assert caller
        old, new = b"o" * 32, b"n" * 32
        sealed = sign_in.start(session, [old], caller, NOW)
        assert sign_in.caller_of(session, [new, old], sealed, NOW) == caller
        assert sign_in.caller_of(session, [new], sealed, NOW) is None
