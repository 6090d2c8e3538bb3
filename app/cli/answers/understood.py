"""What an import understood of a file, in words by which a person can see whether it is right."""

from collections.abc import Iterable

import typer

from surveys.answering.imports.dates import WORDS
from surveys.answering.imports.plan import Plan
from surveys.answering.imports.run import Result
from surveys.answering.imports.sheet import DELIMITERS
from surveys.refusals import Refusal

LISTED = 12


def show(plan: Plan, result: Result, first: list[Refusal], *, stored: bool) -> None:
    """Print it; in short where the answers were stored, in full in a dry run."""
    lines = [] if stored else [*_form(plan), *_dates(plan, result), *_scores(plan, result), *_groups(plan, result)]
    lines += _contacts(plan, result)
    if stored:
        lines += [f"touchpoint made: {key} ({name})" for key, name in result.touchpoints_made.items()]
        lines += [f"segment declared in survey '{plan.survey.key}': {name}" for name in plan.new_segments]
    lines += [str(refusal) for refusal in first]
    if result.refused > len(first):
        lines.append(f"... and {result.refused - len(first)} more; --refusals FILE lists all")
    if not stored:
        lines.append(f"dry run, nothing is stored; {result.imported} answers would be imported")
    for line in lines:
        typer.echo(line)


def _form(plan: Plan) -> Iterable[str]:
    s = plan.sheet
    yield f"encoding: {s.encoding.name} ({s.encoding.certainty}: {s.encoding.reason})"
    yield f"delimiter: {DELIMITERS.get(s.delimiter, s.delimiter)}"
    yield f"header rows: {s.header_rows}{f' ({s.tool})' if s.tool else ''}"
    yield f"rows below them: {plan.rows}, of {len(s.columns)} columns"


def _dates(plan: Plan, result: Result) -> Iterable[str]:
    zone = plan.organisation.time_zone
    if plan.date is None:
        yield f"dates: all answers on {plan.wanted.on}"
    else:
        order = f"{plan.order} ({WORDS[plan.order]})" if plan.order else f"by {plan.wanted.date_format}"
        example = f", such as '{plan.example}'" if plan.example else ""
        yield f"dates: '{plan.date.name}', {order}{example}; times without a zone are {zone}"
    if result.days:
        yield f"answers from {result.days[0]} to {result.days[1]}"


def _scores(plan: Plan, result: Result) -> Iterable[str]:
    chosen = [score for score, n in enumerate(result.scores) if n]
    total = sum(result.scores)
    yield f"scores: '{plan.score.name}'" + (f", {chosen[0]} to {chosen[-1]}" if chosen else ", none")
    yield "counts: " + ", ".join(f"{score}: {n}" for score, n in enumerate(result.scores))
    if chosen and chosen[-1] < 8:
        yield f"check: the highest score is {chosen[-1]}; is it a question from 0 to 10?"
    if total:
        promoters, detractors = sum(result.scores[9:]), sum(result.scores[:7])
        yield (
            f"{total} scored: {promoters} promoters, {total - promoters - detractors} passives, "
            f"{detractors} detractors, NPS {100 * (promoters - detractors) / total:.2f}"
        )


def _groups(plan: Plan, result: Result) -> Iterable[str]:
    if plan.touchpoint or plan.wanted.touchpoint:
        made = set(result.touchpoints_made.values())
        listed = [f"{name} ({n}{', new' if name in made else ''})" for name, n in result.touchpoints.most_common()]
        yield f"touchpoints: {len(listed)}, {len(made)} of them new: {_some(listed)}"
    for name, counts in result.segments.items():
        new = f", new in survey '{plan.survey.key}'" if name in plan.new_segments else ""
        values = _some([f"{value} ({n})" for value, n in counts.most_common()])
        yield f"segment {name} from '{plan.segments[name].name}'{new}: {len(counts)} values: {values}"
    if plan.weight:
        yield f"weights: '{plan.weight.name}', beside the unweighted figures in /scores?weighted=true"
    yield f"ignored columns: {_some([c.name for c in plan.ignored]) or 'none'}"


def _contacts(plan: Plan, result: Result) -> Iterable[str]:
    if plan.contact:
        yield (
            f"contacts: {result.contacts_known} answers of known contacts, {result.contacts_unknown} of unknown ones, "
            "which count without a contact"
        )


def _some(texts: list[str]) -> str:
    more = f", and {len(texts) - LISTED} more" if len(texts) > LISTED else ""
    return ", ".join(text if len(text) <= 60 else f"{text[:57]}..." for text in texts[:LISTED]) + more
