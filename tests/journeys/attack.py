"""What an attacker does who may call everything: pull each figure of each role, and solve for single people."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import httpx

ROLES = ("owner", "analyst", "sender", "manager", "reader")
PERIODS = ("day", "month", "year")
TOKEN = re.compile(r'name="token" value="([^"]+)"')
LINK = re.compile(r"AAA[A-Z][\w-]{44}")
Person = str
Cell = frozenset[Person]


def paths(units: Sequence[str], segments: Sequence[str], waves: Sequence[str], role: str) -> Iterator[str]:
    """Every kind of question about the two surveys: with all filters and formats for an owner, fewer for others."""
    filters = ["", *(f"&unit={unit}" for unit in units), *(f"&wave={wave}" for wave in waves)]
    filters += [f"&segment.site={value}" for value in segments]
    groupings = ["", "unit", "wave", "segment.site", "unit,segment.site", "wave,unit", "channel"]
    for by in groupings:
        yield "/scores?survey=enps,pulse" + (f"&by={by}" if by else "")
    yield from (
        "/distribution?survey=enps,pulse&by=unit",
        "/comments?survey=enps,pulse&limit=1000",
        "/responses?survey=enps",
    )
    for chosen in filters if role == "owner" else ():
        yield f"/scores?survey=enps,pulse&by=unit,segment.site{chosen}"
        yield f"/distribution?survey=enps,pulse&by=wave,unit{chosen}"
        yield f"/comments?survey=enps,pulse&limit=1000{chosen}"
    if role != "owner":
        return
    for format_ in ("csv", "parquet"):
        yield f"/scores?survey=enps,pulse&by=unit,segment.site&format={format_}"
        yield f"/distribution?survey=enps,pulse&by=wave,unit&format={format_}"
        yield f"/comments?survey=enps,pulse&format={format_}"
    for period in PERIODS:
        yield f"/trend?survey=enps,pulse&by=unit&period={period}"
    yield from ("/scores?survey=enps,pulse&weighted=true&by=unit", "/representation?survey=enps&by=unit")
    yield from ("/drivers?survey=enps", "/words?survey=enps", "/invitations?survey=enps&limit=1000", "/waves")
    yield from (f"/waves/{wave}/participation" for wave in waves)
    yield from (f"/charts/{chart}?survey=enps" for chart in ("trend", "distribution", "drivers", "words"))
    both = "/compare?a.survey=enps,pulse&b.survey=enps,pulse"
    yield from (f"{both}&a.unit={a}&b.unit={b}" for a, b in combinations(units[:3], 2))
    yield from (f"{both}&a.wave={a}&b.wave={b}&by=unit" for a, b in combinations(waves, 2))
    yield "/scores?survey=enps,pulse&from=2026-04-21&to=2026-04-28&by=unit"
    yield "/scores?survey=enps,pulse&by=unit&confidence=0.8"
    yield "/scores?survey=enps,pulse&segment.age=1"


async def pull(http: httpx.AsyncClient, keys: Mapping[str, str], asked: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What each role is told, errors too, by role and path; without what is drawn at random for each organisation."""
    told = {}
    for role, wanted in asked.items():
        headers = {"Authorization": f"Bearer {keys[role]}"}
        for path in wanted:
            reply = await http.get(f"/api/v1{path}", headers=headers)
            told[f"{role} {path}"] = (reply.status_code, _plain(path, reply.content))
    return told


async def look(http: httpx.AsyncClient, keys: Mapping[str, str], waves: Sequence[str]) -> dict[str, Any]:
    """What is drawn, frozen and published: the pages of those who sign in, a baseline, and the pages for staff."""
    told: dict[str, Any] = {}
    for role in ("owner", "manager"):
        http.cookies.clear()
        form = (await http.get("/sign-in")).text
        await http.post("/sign-in", data={"key": keys[role], "token": TOKEN.search(form)[1]})  # type: ignore[index]
        for path in ("/report?survey=enps", "/report?survey=pulse", "/why?survey=enps"):
            page = await http.get(path)
            told[f"{role} {path}"] = (page.status_code, _shuffled(page.text))
    owner = {"Authorization": f"Bearer {keys['owner']}"}
    for survey in ("enps", "pulse"):
        asked = {"survey": survey, "by": ["unit"], "to": "2026-04-25"}  # the first wave; the others come later
        frozen = await http.put(f"/api/v1/baselines/{survey}", json={"query": asked}, headers=owner)
        told[f"baseline {survey}"] = (frozen.status_code, frozen.json() | {"frozen_at": None})
        for path in (f"/baselines/{survey}/change", f"/baselines/{survey}/change?format=csv"):
            change = await http.get(f"/api/v1{path}", headers=owner)
            told[path] = (change.status_code, change.text)
    for wave in waves:
        published = await http.put(
            f"/api/v1/waves/{wave}/publication", json={"note": "Thank you", "comments": True}, headers=owner
        )
        pages = {item["unit"]: item["link"] for item in published.json().get("items", [])}
        for unit, link in pages.items():
            page = await http.get(link.removeprefix("http://soundings.test"))
            told[f"published {wave} {unit}"] = (page.status_code, _shuffled(page.text))
        told[f"published {wave}"] = (published.status_code, sorted(map(str, pages)))
    return told


def _shuffled(page: str) -> list[str]:
    """The lines of a page without tokens of forms and links, whatever their order: that of comments is random."""
    return sorted(LINK.sub("", TOKEN.sub("", page)).splitlines())


def _plain(path: str, content: bytes) -> Any:
    if path.startswith("/invitations"):
        told = json.loads(content)["items"]
        return sorted(json.dumps({k: v for k, v in item.items() if k != "id"}, sort_keys=True) for item in told)
    if path.startswith("/comments") and "format" not in path and b'"items"' in content:
        return sorted((item["wave"], item["unit"] or "", item["comment"]) for item in json.loads(content)["items"])
    if path.startswith("/comments") and "csv" in path:
        return sorted(re.sub(r"^[0-9a-f-]{36},", "", line) for line in content.decode().splitlines())
    if path.startswith("/comments") and "parquet" in path:
        return len(content) > 0
    return content


def isolated(waves: Sequence[Sequence[Cell]], floor: int) -> list[str]:
    """What can be worked out about 1 to `floor` - 1 people; `waves` gives for each the cells that are released.

    In one wave every released figure is a sum of cells, so whatever combination one takes, with whatever factors, a
    person counts in it as often as everybody else of the cell: nothing smaller than the smallest cell comes out. Of
    two waves every sum of cells of one is taken from every sum of the other, as if nobody had changed their mind.
    """
    found = [f"a cell of {len(cell)}" for cells in waves for cell in cells if len(cell) < floor]
    for n, later in enumerate(waves):
        for earlier in waves[:n]:
            found += _differences(later, earlier, floor)
    return found


def _differences(later: Sequence[Cell], earlier: Sequence[Cell], floor: int) -> list[str]:
    people = {person: 1 << n for n, person in enumerate(sorted(frozenset().union(*later, *earlier)))}
    now, before = (_sums([sum(people[p] for p in cell) for cell in cells]) for cells in (later, earlier))
    apart = {(a ^ b).bit_count() for a in now[1:] for b in before}
    return [f"a difference of {count}" for count in sorted(apart) if 0 < count < floor]


def _sums(cells: Sequence[int]) -> list[int]:
    """Every union of the cells, none first and all last."""
    unions = [0]
    for cell in cells:
        unions += [union | cell for union in unions]
    return unions
