"""Contacts are found again by ref or address, and a bad row is refused alone."""

import io
import threading
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from app.storage.database import Database
from surveys.contacts import contacts, files
from surveys.contacts.contacts import Imported
from surveys.facts import Malformed
from surveys.tables import Contact
from tests.factories import make_organisation, make_unit


def imported(database: Database, now: datetime, *imports: list[Any]) -> tuple[list[Imported], list[dict[str, Any]]]:
    with database.writing() as session:
        make_organisation(session)
        make_unit(session, 1, "nord")
        done = [contacts.import_contacts(session, 1, items, now) for items in imports]
    with database.reading() as session:
        return done, stored(session)


def stored(session: Session) -> list[dict[str, Any]]:
    hidden = {"id", "organisation_id", "created_at", "updated_at"}
    rows = session.exec(select(Contact).order_by(Contact.ref)).all()
    return [c.model_dump(exclude=hidden) for c in rows]


def test_a_contact_is_made_once_and_changed_afterwards(database: Database, now: datetime) -> None:
    first = {
        "ref": "7",
        "email": "Ada@Example.org",
        "name": "Ada",
        "unit": "nord",
        "attributes": {"vip": True, "age": 3},
    }
    second = {"ref": "7", "name": "Ada L.", "locale": "da", "attributes": {"age": 4, "vip": None}}
    done, (row,) = imported(database, now, [first], [second])
    assert [(d.created, d.updated) for d in done] == [(1, 0), (0, 1)]
    assert (row["email"], row["email_key"], row["name"]) == ("Ada@Example.org", "ada@example.org", "Ada L.")
    assert (row["locale"], row["unit_key"], row["audience"], row["attributes"]) == (
        "da",
        "nord",
        "customers",
        {"age": 4},
    )


def test_without_a_ref_the_address_finds_the_contact(database: Database, now: datetime) -> None:
    done, (row,) = imported(
        database, now, [{"email": "Ada@example.org"}], [{"email": "ADA@example.org", "name": "Ada"}]
    )
    assert [(d.created, d.updated) for d in done] == [(1, 0), (0, 1)]
    assert (row["ref"], row["name"]) == ("ada@example.org", "Ada")


def test_a_ref_given_later_adopts_the_contact_known_by_its_address(database: Database, now: datetime) -> None:
    done, (row,) = imported(database, now, [{"email": "ada@example.org"}], [{"ref": "7", "email": "Ada@example.org"}])
    assert (done[1].created, done[1].updated, row["ref"]) == (0, 1, "7")


def test_an_address_of_several_contacts_is_refused_without_a_ref(database: Database, now: datetime) -> None:
    family = [{"ref": "1", "email": "us@example.org"}, {"ref": "2", "email": "us@example.org"}]
    done, rows = imported(database, now, family, [{"email": "us@example.org"}])
    assert [(r.row, r.field) for r in done[1].refused] == [(1, "ref")]
    assert len(rows) == 2


def test_a_new_address_has_not_bounced(database: Database, now: datetime) -> None:
    with database.writing() as session:
        make_organisation(session)
        contacts.import_contacts(session, 1, [{"ref": "7", "email": "old@example.org"}], now)
        contacts.get(session, 1, "7").bounced_at = now
        session.flush()
        contacts.import_contacts(session, 1, [{"ref": "7", "email": "OLD@example.org"}], now)
        session.expire_all()
        assert contacts.get(session, 1, "7").bounced_at == now
        contacts.import_contacts(session, 1, [{"ref": "7", "email": "new@example.org"}], now)
        session.expire_all()
        assert contacts.get(session, 1, "7").bounced_at is None


ITEMS = [
    {"email": "ada@example.org"}, {"ref": "1", "email": "ADA@example.org"}, {"ref": "1", "name": "Ada"},
    {"ref": "2", "email": "ada@example.org"}, {"email": "ada@example.org"}, {"ref": "3"},
    {"ref": "3", "email": "bo@a.org", "attributes": {"a": 1}}, {"email": "bo@a.org", "attributes": {"b": "x"}},
    {"ref": "ada@example.org"}, {"ref": "2", "email": None}, {"email": "ADA@example.org", "locale": "sv"},
]  # fmt: skip


def test_one_import_is_as_many_small_ones(database: Database, now: datetime) -> None:
    with database.writing() as session:
        for key in ("at-once", "one-by-one"):
            make_organisation(session, key)
        at_once = contacts.import_contacts(session, 1, ITEMS, now)
        singly = [contacts.import_contacts(session, 2, [item], now) for item in ITEMS]
        assert at_once.created == sum(s.created for s in singly)
        assert at_once.updated == sum(s.updated for s in singly)
        assert [r.row for r in at_once.refused] == [n for n, s in enumerate(singly, 1) if s.refused]
        rows = stored(session)
        refs = [row["ref"] for row in rows]
        assert refs[::2] == refs[1::2]
        assert rows[::2] == rows[1::2]


BAD: list[tuple[Any, str]] = [
    ({"ref": "x", "email": "no-at-sign"}, "email"),
    ({"ref": "x", "email": "a@b\r\nBcc: c@d"}, "email"),
    ({"ref": "x", "email": "a@b.org\n"}, "email"),
    ({"ref": "x", "email": "a@b@c"}, "email"),
    ({"ref": "x", "email": "a" * 310 + "@example.org"}, "email"),
    ({"ref": "x", "email": 7}, "email"),
    ({"ref": "x", "email": "jürgen@example.org"}, "email"),
    ({"ref": "x", "email": "ada@b\u00fccher\u2026example"}, "email"),
    ({"ref": "x", "email": f"ada@{'ü' * 63}.example"}, "email"),
    ({"ref": "x", "locale": "xx-nowhere"}, "locale"),
    ({"ref": "x", "unit": "south"}, "unit"),
    ({"ref": "x", "audience": "everyone"}, "audience"),
    ({"ref": "x", "attributes": {"a": [1]}}, "attributes.a"),
    ({"ref": "x", "attributes": {"a": float("nan")}}, "attributes.a"),
    ({"ref": "x", "attributes": {"a": 10**400}}, "attributes.a"),
    ({"ref": "x", "attributes": ["a"]}, "attributes"),
    ({"ref": "x", "attributes": {"a\x00": 1}}, "attributes"),
    ({"ref": "x\x00"}, "ref"),
    ({"ref": "x\ud800"}, "ref"),
    ({"ref": "x" * 321}, "ref"),
    ({"name": "Nobody"}, "ref"),
    ({"ref": "", "email": " "}, "ref"),
    ({"ref": "x", "phone": "1"}, "phone"),
    ("x", "item"),
    (None, "item"),
]


def test_each_bad_row_is_refused_by_number_and_field_and_the_good_ones_stay(database: Database, now: datetime) -> None:
    items = [{"ref": "first", "email": "ada@færger.example"}, *(item for item, _ in BAD), {"ref": "last"}]
    (done,), rows = imported(database, now, items)
    assert [(r.row, r.field) for r in done.refused] == [(n, field) for n, (_, field) in enumerate(BAD, 2)]
    assert all(r.message for r in done.refused)
    assert (done.created, [row["ref"] for row in rows]) == (2, ["first", "last"])


@pytest.mark.parametrize(
    ("content", "first"),
    [
        (
            b"email,name,region\na@b.org,Ada,north\n",
            {"email": "a@b.org", "name": "Ada", "attributes": {"region": "north"}},
        ),
        (b"\xef\xbb\xbfE-Mail;Name\r\na@b.org;Ada\r\n", {"email": "a@b.org", "name": "Ada", "attributes": {}}),
        ("ref\tname\n7\tSøren".encode(), {"ref": "7", "name": "Søren", "attributes": {}}),
        ("ref;name\n7;Søren".encode("utf-16"), {"ref": "7", "name": "Søren", "attributes": {}}),
        (b'ref,name\n\n7,"A, B\nC"\n', {"ref": "7", "name": "A, B\nC", "attributes": {}}),
    ],
)
def test_a_file_is_read_as_spreadsheets_save_it(content: bytes, first: dict[str, Any]) -> None:
    ((row, item),) = files.read(io.BytesIO(content))
    assert item == first
    assert row == (3 if b"\n\n" in content else 2)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "file"),
        (b"\n", "file"),
        (b"name,region\nAda,north\n", "header"),
        (b"email,email\na,b\n", "header"),
        (b"email,\na,b\n", "header"),
        ("email,name\na@b.org,Søren\n".encode("latin-1"), "file"),
        (b'email,name\na@b.org,"Ada\n', "file"),
        (b"PK\x03\x04\x00\x00email", "file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_what_is_wrong(content: bytes, field: str) -> None:
    with pytest.raises(Malformed) as wrong:
        list(files.read(io.BytesIO(content)))
    assert wrong.value.field == field


def test_a_row_with_missing_cells_is_refused_alone(database: Database, now: datetime) -> None:
    file = io.BytesIO(b"ref,name\n1,Ada\n2\n3,Bo,x\n4,Cy\n")
    with database.writing() as session:
        make_organisation(session)
        done = contacts.import_rows(session, 1, files.read(file), now)
    assert (done.created, [r.row for r in done.refused]) == (2, [3, 4])


def test_the_same_people_imported_twice_at_once_are_made_once(database: Database, now: datetime) -> None:
    with database.writing() as session:
        make_organisation(session)
    start = threading.Barrier(4)
    made = []

    def work(step: int) -> None:
        items = [{"ref": f"c{n}", "email": f"c{n}@example.org"} for n in range(50)][::step]
        start.wait()
        with database.writing() as session:
            made.append(contacts.import_contacts(session, 1, items, now).created)

    threads = [threading.Thread(target=work, args=(step,)) for step in (1, -1, 1, -1)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(made) == [0, 0, 0, 50]
