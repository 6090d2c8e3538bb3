"""(e) A respondent's whole way, five requests of a browser without script, against a route that stores nothing."""

import json
import os
import statistics
import subprocess
import sys
import time
from typing import Annotated

import httpx
from fastapi import FastAPI, Form, Response

from app.storage.database import Database
from benchmarks.answers import Server, cpu_seconds, issue, serving
from benchmarks.databases import DIALECTS, fresh

CONNECTIONS = (16, 64)
WAYS = int(os.environ.get("BENCH_WAYS", "600"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
COLD = 100
WANTED, WANTED_COLD = 0.6, 0.5
SIZES = "BENCH_PAGE_BYTES"


def nothing() -> FastAPI:
    """A route that reads the form and stores nothing: pages of Soundings' sizes, and redirects without a body."""
    app = FastAPI()
    pages = {step: b"x" * int(size) for step, size in json.loads(os.environ[SIZES]).items()}

    @app.get("/s/{token}")
    async def show(token: str, step: str = "") -> Response:
        return Response(pages[step], media_type="text/html", headers={"Content-Language": token[:2]})

    @app.post("/s/{token}")
    async def answer(
        token: str, score: Annotated[int, Form()], comment: Annotated[str, Form()] = "", step: str = ""
    ) -> Response:
        there = "?step=thanks" if step else "?step=why"
        return Response(status_code=303, headers={"Location": there, "X-Seen": f"{token[:2]}{score}{comment[:2]}"})

    return app


def walk(port: int, paths: list[str], connections: int) -> float:
    """Ways per second; every page and redirect must come as it should."""
    walked = subprocess.run(
        [sys.executable, "-m", "benchmarks.walk", str(port), str(connections)],
        input="\n".join(paths), capture_output=True, text=True, check=True,
    )  # fmt: skip
    counted = json.loads(walked.stdout)
    assert counted["good"] == len(paths), f"{counted['good']} of {len(paths)} ways went as they should"
    return float(counted["per_second"])


def page_sizes(port: int, path: str) -> dict[str, int]:
    """How many bytes the three pages of a way have; walks it with that link."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        sizes = {"": len(http.get(path).content)}
        http.post(path, data={"score": "9"})
        sizes["why"] = len(http.get(f"{path}?step=why").content)
        http.post(f"{path}?step=why", data={"score": "9", "comment": "Quick"})
        sizes["thanks"] = len(http.get(f"{path}?step=thanks").content)
    return sizes


def cold(url: str, paths: list[str]) -> float:
    """How fast the first hundred ways after a start are, as a share of the speed of those that follow."""
    with serving("app.main:create_process", url) as server:
        first = walk(server.port, paths[:COLD], 16)
        return first / walk(server.port, paths[COLD:], 16)


def run(dialect: str) -> bool:
    """Print the medians of rounds in which the two servers take turns; False where a bound is missed."""
    fine = True
    with fresh(dialect) as url:
        database = Database(url)
        rounds = (ROUNDS + 1) * len(CONNECTIONS)
        paths = issue(database, WAYS * rounds + 1 + ROUNDS * COLD * 4)
        database.close()
        shares = [[paths.pop() for _ in range(COLD * 4)] for _ in range(ROUNDS)]
        ratio = statistics.median(cold(url, share) for share in shares)
        print(f"(e) {dialect}: the first {COLD} ways after a start at {ratio:.2f} of the rest (wanted: {WANTED_COLD})")
        fine &= ratio >= WANTED_COLD
        with serving("app.main:create_process", url) as ours:
            os.environ[SIZES] = json.dumps(page_sizes(ours.port, paths.pop()))
            with serving("benchmarks.ways:nothing", url) as bare:
                for connections in CONNECTIONS:
                    fine &= _measure(dialect, ours, bare, paths, connections) >= WANTED
    return fine


def _measure(dialect: str, ours: Server, bare: Server, paths: list[str], connections: int) -> float:
    ratios, cpu_ratios = [], []
    for n in range(ROUNDS + 1):
        share = [paths.pop() for _ in range(WAYS)]
        idle = cpu_seconds(bare.process_id)
        limit = walk(bare.port, share, connections)
        bare_used = cpu_seconds(bare.process_id) - idle
        before, start = cpu_seconds(ours.process_id), time.perf_counter()
        own = walk(ours.port, share, connections)
        used = cpu_seconds(ours.process_id) - before
        if n:  # the first round warms up
            ratios.append(own / limit)
            cpu_ratios.append(bare_used / used)
            spent = f"{1000 * used / WAYS:.1f} ms of CPU a way, {used / (time.perf_counter() - start):.0%} busy"
            print(
                f"  {dialect}, {connections}: stores nothing {limit:.0f}/s, Soundings {own:.0f}/s ({spent})", flush=True
            )
    print(
        f"  {dialect}, {connections}: {statistics.median(cpu_ratios):.2f} by CPU alone, whatever else the machine does"
    )
    ratio = statistics.median(ratios)
    print(f"(e) {dialect}, {connections} connections: {ratio:.2f} of a route that stores nothing (wanted: {WANTED})")
    return ratio


def main() -> int:
    """Both databases; 1 where a bound is missed."""
    fine = [run(dialect) for dialect in (sys.argv[1:] or DIALECTS)]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
