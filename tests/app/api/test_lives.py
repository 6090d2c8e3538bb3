"""What was made is there, what was archived is listed apart, and what was deleted is gone, in whatever order.

After each step all is read that shows what became of it, and each answer is held against the document. `make fuzz`
takes more steps, and others each time.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.app.api.documented import Documented
from tests.app.api.existing import NOW
from tests.app.api.service import EXAMPLES, NUMBERS, SEED, furnish

STEPS = 10 * EXAMPLES
PUT: dict[str, dict[str, Any]] = {
    "units": {"name": "Crew"},
    "touchpoints": {"name": "Desk", "audience": "customers"},
    "surveys": {"template": "nps", "name": "Round"},
    "baselines": {"query": {"survey": "nps"}},
    "initiatives": {
        "name": "Course",
        "kind": "instruct",
        "scope": {"touchpoint": "support"},
        "starts_on": "2025-09-03",
    },
}
ARCHIVES = ("units", "touchpoints", "surveys")
READ_ALONE = ("surveys", "baselines", "initiatives")
SOME = ("one", "two")
WAVE = {"opens_at": (NOW + timedelta(days=1)).isoformat(), "closes_at": (NOW + timedelta(days=2)).isoformat()}


Step = Callable[["Lives"], None]
POSSIBLE: dict[Step, Callable[["Lives"], Any]] = {}


def when(possible: Callable[["Lives"], Any]) -> Callable[[Step], Step]:
    """Mark a step, which can be taken when this is so."""

    def mark(step: Step) -> Step:
        POSSIBLE[step] = possible
        return step

    return mark


def always(_lives: "Lives") -> bool:
    return True


class Lives:
    """An organisation, and what should be in it."""

    def __init__(self, call: Documented, chance: random.Random) -> None:
        self.call = call
        self.random = chance
        self.put: dict[tuple[str, str], bool] = {}  # whether it is in use, or else archived
        self.keys: dict[str, str] = {}
        self.pages: list[str] = []
        self.people: dict[str, tuple[str, str] | None] = {}  # by ref the invitation's id and token
        self.waves: list[str] = []

    @when(always)
    def put_it(self) -> None:
        noun, key = self.random.choice(list(PUT)), self.random.choice(SOME)
        new = (noun, key) not in self.put
        assert self.call.status("PUT", f"{noun}/{{key}}", key, body=PUT[noun]) == (201 if new else 200)
        self.put[noun, key] = True
        self.look(noun, key)

    @when(always)
    def archive_it(self) -> None:
        noun, key = self.random.choice(ARCHIVES), self.random.choice(SOME)
        there = (noun, key) in self.put
        assert self.call.status("DELETE", f"{noun}/{{key}}", key) == (204 if there else 404)
        if there:
            self.put[noun, key] = False
        self.look(noun, key)

    def look(self, noun: str, key: str) -> None:
        """Read one thing that people name, and the lists in which it is or is not."""
        in_use = self.put.get((noun, key))
        assert (key in {row["key"] for row in self.call.items(noun)}) == bool(in_use)
        if noun in ARCHIVES:
            assert (key in {row["key"] for row in self.call.items(noun, archived="true")}) == (in_use is False)
        if noun in READ_ALONE:
            alone = self.call("GET", f"{noun}/{{key}}", key)
            assert alone.status_code == (404 if in_use is None else 200)
            assert noun != "surveys" or (alone.json().get("archived_at") is not None) == (in_use is False)

    @when(always)
    def make_key(self) -> None:
        made = self.call("POST", "keys", body={"role": "analyst", "name": "BI"})
        assert made.status_code == 201
        self.keys[made.json()["id"]] = made.json()["key"]
        self.try_key(made.json()["id"], revoked=False)

    @when(lambda self: self.keys)
    def revoke_key(self) -> None:
        id_ = self.random.choice(list(self.keys))
        assert [self.call.status("DELETE", "keys/{key_id}", id_) for _ in range(2)] == [204, 204]
        self.try_key(id_, revoked=True)
        del self.keys[id_]

    def try_key(self, id_: str, *, revoked: bool) -> None:
        assert self.call.status("GET", "organisation", key=self.keys[id_]) == (401 if revoked else 200)
        (row,) = (row for row in self.call.items("keys") if row["id"] == id_)
        assert (row["revoked_at"] is not None) == revoked

    @when(always)
    def make_page(self) -> None:
        made = self.call("POST", "touchpoints/{key}/pages", "support", body={"survey": "nps"})
        assert made.status_code == 201
        self.pages.append(made.json()["code"])
        self.try_page(self.pages[-1], withdrawn=False)

    @when(lambda self: self.pages)
    def withdraw_page(self) -> None:
        code = self.random.choice(self.pages)
        assert self.call.status("DELETE", "touchpoints/{key}/pages/{code}", "support", code) == 204
        self.try_page(code, withdrawn=True)
        self.pages.remove(code)

    def try_page(self, code: str, *, withdrawn: bool) -> None:
        answer = {"score": 9, "submission_id": f"n-{next(NUMBERS)}"}
        assert self.call.status("GET", "/q/{code}", code) == (410 if withdrawn else 200)
        assert self.call.status("GET", "/q/{code}/qr.svg", code) == (410 if withdrawn else 200)
        assert self.call.status("POST", "/q/{code}", code, body=answer) == (410 if withdrawn else 201)
        (row,) = (row for row in self.call.items("touchpoints/{key}/pages", "support") if row["code"] == code)
        assert (row["withdrawn_at"] is not None) == withdrawn

    @when(always)
    def meet(self) -> None:
        ref = f"person-{next(NUMBERS)}"
        item = {"ref": ref, "email": f"{ref}@example.org"}
        for counted in ({"created": 1, "updated": 0}, {"created": 0, "updated": 1}):
            assert self.call("POST", "contacts", body={"items": [item]}).json().items() >= counted.items()
        self.people[ref] = None
        self.try_person(ref, there=True)

    @when(lambda self: None in self.people.values())
    def invite(self) -> None:
        ref = next(ref for ref, invitation in self.people.items() if invitation is None)
        body = {"contacts": [ref], "deliver": "link"}
        (item,) = self.call("POST", "surveys/{key}/invitations", "nps", body=body).json()["items"]
        (row,) = self.call.items("invitations", contact=ref)
        self.people[ref] = (row["id"], item["link"].rpartition("/")[2])
        self.try_link(ref, there=True)

    @when(lambda self: any(self.people.values()))
    def withdraw_invitation(self) -> None:
        ref = self.random.choice([ref for ref, invitation in self.people.items() if invitation])
        assert self.call.status("DELETE", "invitations/{id}", self.people[ref][0]) == 204  # type: ignore[index]
        self.try_link(ref, there=False)
        del self.people[ref]

    @when(lambda self: self.people)
    def erase(self) -> None:
        ref = self.random.choice(list(self.people))
        assert [self.call.status("DELETE", "contacts/{ref}", ref) for _ in range(2)] == [200, 404]
        self.try_person(ref, there=False)
        self.try_link(ref, there=False)
        del self.people[ref]

    def try_person(self, ref: str, *, there: bool) -> None:
        assert self.call.status("GET", "contacts/{ref}/data", ref) == (200 if there else 404)
        assert (ref in {row["ref"] for row in self.call.items("contacts")}) == there

    def try_link(self, ref: str, *, there: bool) -> None:
        if (invitation := self.people[ref]) is None:
            return
        token = invitation[1]
        assert self.call.status("GET", "/s/{token}", token) == (200 if there else 410)
        assert self.call.status("GET", "/s/{token}/about", token) == (200 if there else 410)
        assert there or self.call.status("POST", "/s/{token}", token, body={"score": 9}) == 410

    @when(always)
    def plan_wave(self) -> None:
        wave = {"key": f"w-{next(NUMBERS)}", **WAVE}
        assert [self.call.status("POST", "surveys/{key}/waves", "nps", body=wave) for _ in range(2)] == [201, 409]
        self.waves.append(wave["key"])
        self.try_wave(wave["key"], closed=False)

    @when(lambda self: self.waves)
    def close_wave(self) -> None:
        key = self.random.choice(self.waves)
        assert self.call.status("POST", "waves/{key}/closure", key) == 200
        self.try_wave(key, closed=True)
        self.waves.remove(key)

    def try_wave(self, key: str, *, closed: bool) -> None:
        (row,) = (row for row in self.call.items("waves") if row["key"] == key)
        assert (row["closed_at"] is not None) == closed
        assert self.call.status("GET", "waves/{key}/publication", key) == 404


def test_what_was_made_is_there_and_what_was_deleted_is_not(running: tuple[str, str]) -> None:
    chance = random.Random(SEED)
    lives, taken = Lives(Documented(furnish(*running)), chance), Counter[str]()
    for _ in range(STEPS):
        step = chance.choice([step for step, possible in POSSIBLE.items() if possible(lives)])
        print(step.__name__)  # pytest shows the way to a failure
        step(lives)
        taken[step.__name__] += 1
    assert taken.keys() == {step.__name__ for step in POSSIBLE}, "too few steps to reach each of them"
