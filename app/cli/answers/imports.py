"""`soundings import`: bring past answers in from another tool's export."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.opening import OrganisationKey, database, naming_options, tenant
from app.feeds.formulas import defused
from surveys.facts import Malformed

if TYPE_CHECKING:
    from rich.progress import Progress

    from surveys.answering.imports.plan import Plan
    from surveys.answering.imports.run import Result
    from surveys.answering.imports.wanted import Wanted
    from surveys.refusals import Refusal

app = typer.Typer(no_args_is_help=True, help="Bring in what another tool has collected.")

SHOWN = 20


@app.callback()
def group() -> None:
    """Keep `responses` a command of its own."""


@app.command()
def responses(
    file: Annotated[Path, typer.Argument(help="A CSV or other delimited text file.")],
    *,
    survey: Annotated[str, typer.Option(help="Key of the survey the answers belong to.")],
    score_column: Annotated[str, typer.Option(help="Column with the scores, 0 to 10.")],
    organisation: OrganisationKey = None,
    date_column: Annotated[str | None, typer.Option(help="Column with the day or time of each answer.")] = None,
    date_format: Annotated[str | None, typer.Option(help="MDY, DMY, YMD, or such as '%d %b %Y'.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of answers without a date.")] = None,
    touchpoint_column: Annotated[str | None, typer.Option(help="Column with the touchpoint's key or name.")] = None,
    touchpoint: Annotated[str | None, typer.Option(help="Key of the touchpoint of rows that name none.")] = None,
    comment_column: Annotated[str | None, typer.Option(help="Column with the respondent's words.")] = None,
    segment: Annotated[list[str] | None, typer.Option(help="COLUMN or COLUMN=NAME to slice by; repeatable.")] = None,
    contact_column: Annotated[str | None, typer.Option(help="Column with a contact's ref or e-mail address.")] = None,
    blank_codes: Annotated[str, typer.Option(help="Scores that mean 'no answer', such as 11,99.")] = "",
    weight_column: Annotated[str | None, typer.Option(help="Column with the survey weight, above 0.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Such as utf-8 or cp1252; detected if left out.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="One character; detected if left out.")] = None,
    header_rows: Annotated[int | None, typer.Option(min=1, max=3, help="Detected if left out.")] = None,
    refusals: Annotated[Path | None, typer.Option(help="CSV file to list every refused row in.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what was understood and store nothing.")] = False,
) -> None:
    """Import past answers. The same file, or a longer export of the same answers, adds nothing twice."""
    from app.cli.answers import understood
    from surveys.answering.imports.wanted import Wanted

    wanted = Wanted(
        score_column=score_column, date_column=date_column, date_format=date_format, on=on.date() if on else None,
        touchpoint_column=touchpoint_column, touchpoint=touchpoint, comment_column=comment_column,
        segments=_segments(segment or []), contact_column=contact_column, weight_column=weight_column,
        blank_codes=frozenset(c.strip() for c in blank_codes.split(",") if c.strip()),
        encoding=encoding, delimiter=delimiter, header_rows=header_rows,
    )  # fmt: skip
    if refusals and refusals.exists() and file.exists() and refusals.samefile(file):
        raise Malformed("--refusals", "this is the file to import; name another one.")
    with naming_options("file"), _listing(refusals) as (refuse, first):
        plan, result = _import(file, organisation, survey, wanted, refuse, stores=not dry_run)
    understood.show(plan, result, first, stored=not dry_run)
    if dry_run:
        result.imported = 0
    typer.echo(str(result))


def _import(
    file: Path,
    organisation: str | None,
    survey: str,
    wanted: "Wanted",
    refuse: Callable[["Refusal"], None],
    *,
    stores: bool,
) -> tuple["Plan", "Result"]:
    """Read twice: once to understand all of the file, once to store it, each chunk in a transaction of its own."""
    from app import clock
    from surveys.answering.imports.plan import prepare
    from surveys.answering.imports.run import Run

    with database() as opened, _progress() as progress:
        reading = progress.add_task("reading", total=None)
        with opened.reading() as session:
            plan = prepare(
                session, tenant(session, organisation).id, survey, file, wanted,
                now=clock.now(), advance=lambda n: progress.advance(reading, n),
            )  # fmt: skip
        progress.update(reading, total=plan.rows, completed=plan.rows)
        storing = progress.add_task("storing" if stores else "checking", total=plan.rows)
        run = Run(plan, clock.now(), stores=stores, refuse=refuse)
        for chunk in run.chunks(lambda n: progress.advance(storing, n)):
            with opened.writing() if stores else opened.reading() as session:
                run.take(session, chunk)
    return plan, run.result


def _progress() -> "Progress":
    """A bar on a terminal, nothing in a pipe."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*shown, console=console, disable=not console.is_terminal, transient=True)


def _segments(options: list[str]) -> dict[str, str | None]:
    pairs = [text.rpartition("=") if "=" in text else (text, "", "") for text in options]
    return {column.strip(): name.strip() or None for column, _, name in pairs}


@contextmanager
def _listing(path: Path | None) -> Iterator[tuple[Callable[["Refusal"], None], list["Refusal"]]]:
    """Where refusals go: all of them into the file, the first ones onto the screen."""
    first: list[Refusal] = []
    if path is None:
        yield lambda refusal: first.append(refusal) if len(first) < SHOWN else None, first
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("row", "column", "value", "reason"))

        def refuse(refusal: "Refusal") -> None:
            if len(first) < SHOWN:
                first.append(refusal)
            texts = (refusal.field, refusal.value, refusal.message)
            rows.writerow((refusal.row, *map(defused, texts)))

        yield refuse, first
