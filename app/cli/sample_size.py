"""`soundings sample-size`: how many answers it takes."""

from math import ceil
from typing import Annotated

import typer

from analytics.estimation import sample_size as sizes
from surveys.facts import Malformed


def sample_size(
    *,
    margin: Annotated[
        float | None, typer.Option(min=0.5, max=100, help="Points the interval may reach either side.")
    ] = None,
    change: Annotated[float | None, typer.Option(min=0.5, max=200, help="Points of change to detect.")] = None,
    baseline: Annotated[
        int | None, typer.Option(min=5, help="Answers of a baseline there is; else both sides are alike.")
    ] = None,
    confidence: Annotated[float, typer.Option(min=0.80, max=0.99, help="0.95: wrong once in twenty.")] = 0.95,
    power: Annotated[float, typer.Option(min=0.5, max=0.99, help="How often such a change is detected.")] = 0.8,
    spread: Annotated[
        float, typer.Option(min=0.05, max=1.0, help="Variance of one answer coded +1, 0, -1; 1 is the most.")
    ] = sizes.USUAL_SPREAD,
    response_rate: Annotated[
        float | None, typer.Option(min=0.1, max=100, help="Percent of those invited who answer.")
    ] = None,
) -> None:
    """How many answers a margin (--margin 5) or a change to detect (--change 10) takes.

    The last line ends with the number.
    """
    answers: int | None
    if margin is not None and change is None:
        answers = sizes.for_margin(margin, confidence=confidence, spread=spread)
        what = f"An interval of {margin:g} points either side at {100 * confidence:g} % confidence"
    elif change is not None and margin is None:
        answers = sizes.for_change(change, confidence=confidence, power=power, spread=spread, baseline=baseline)
        sides = "on each side" if baseline is None else f"against a baseline of {baseline}"
        what = f"A change of {change:g} points, detected {100 * power:g} times in a hundred, {sides}"
    else:
        raise Malformed("sample-size", "give --margin or --change, one of them.")
    if answers is None:
        raise Malformed("--baseline", "so small a baseline cannot show this change, whatever comes now.")
    if response_rate is not None:
        typer.echo(f"Invitations at a response rate of {response_rate:g} %: {ceil(100 * answers / response_rate)}")
    typer.echo(f"{what}, spread {spread:g}: answers needed {answers}")
