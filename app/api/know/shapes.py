"""The shapes of reports in the OpenAPI document, made from the registry of metrics.

They describe what the routes answer and are not run on it: a report of 50,000 items is written as it is.
"""

from datetime import date
from types import GenericAlias
from typing import Any

from pydantic import ConfigDict, Field, create_model
from pydantic_core import to_json
from starlette.responses import Response

from analytics.reports.metrics import REGISTRY, Item, Metric
from app.api.conventions.lists import FORMATS
from app.api.know.examples import EXAMPLES
from app.feeds.headers import left_out

GROUP = (dict[str, str | None], Field(description="A value for each of `by`.", examples=[{"touchpoint": "support"}]))
STARTS_ON = (date, Field(description="First day counted.", examples=["2026-03-01"]))
ENDS_ON = (date, Field(description="Last day counted.", examples=["2026-03-31"]))
WHOLE = (None, Field(description="A report comes whole, so there is no next page.", examples=[None]))
DEFINITION = (str, Field(description="Where the figures are defined.", examples=["https://example.org/definitions"]))
QUERY = (
    dict[str, Any],
    Field(description="The parameters counted.", examples=[{"survey": ["nps"], "by": ["touchpoint"]}]),
)
REPORT = FORMATS  # every report answers in the formats of lists


def shape(name: str, meaning: str, /, *groups: str, without: str = "-", **fields: Any) -> Any:
    """A model of the fields named, each a type and a Field, and of the figures of these groups of the registry.

    Figures with `without` in their name are left out. The example is made of those of the parts.
    """
    figures = [(metric, EXAMPLES[group][metric.name]) for group in groups for metric in REGISTRY[group]]
    described = {m.name: _figure(m, example) for m, example in figures if without not in m.name}
    needed = {name: typed for name, typed in fields.items() if typed[1].is_required()}
    parts = needed | described | fields
    example = {part: _example(*typed) for part, typed in parts.items()}
    config = ConfigDict(json_schema_extra={"examples": [example]})
    return create_model(name, __config__=config, __doc__=meaning, **parts)


def report(name: str, meaning: str, item: Any, /, *groups: str, without: str = "-", **fields: Any) -> Any:
    """The model of a report: its items, and what stands beside them."""
    return shape(name, meaning, *groups, without=without, items=(listed(item), Field()), next=WHOLE, **fields)


def paged(name: str, meaning: str, item: Any) -> Any:
    """The model of a page of a list."""
    after = Field(description="Send it as `after` for the next page; null on the last.", examples=[None])
    return shape(name, meaning, items=(listed(item), Field()), next=(str | None, after))


def listed(item: Any) -> Any:
    """The type of a list of this model."""
    return GenericAlias(list, (item,))


def optional(kind: Any, meaning: str) -> tuple[Any, Any]:
    """A field that is left out where it was not asked for; it is never null."""
    return kind, Field(default=None, description=meaning, json_schema_extra=left_out)


def drawn(figure: Item) -> Response:
    """A Plotly figure as an answer."""
    return Response(to_json(figure), media_type="application/json")


def _figure(metric: Metric, example: Any) -> tuple[Any, Any]:
    return metric.type, Field(description=f"{metric.meaning} Unit: {metric.unit}.", examples=[example])


def _example(kind: Any, field: Any) -> Any:
    """An example of a field: its own, or the one of the model or of the list of models it holds."""
    if field.examples:
        return field.examples[0]
    if isinstance(kind, GenericAlias):
        return [_example(kind.__args__[0], Field())]
    return kind.model_config["json_schema_extra"]["examples"][0]


Estimate = shape("Estimate", "An NPS with its interval and the counts behind it.", "Estimate")
Weighted = shape("Weighted", "An NPS by survey weights.", "Weighted")
Group = shape("GroupEstimate", "The estimate of one group.", "Estimate", group=GROUP)
Difference = shape(
    "Difference", "One group of a comparison: `current` less `baseline`, tested.", "Change", group=GROUP,
    baseline=(Estimate, Field()), current=(Estimate, Field()),
)  # fmt: skip
Figure = shape(
    "Figure", "A figure as plotly.js draws it.",
    data=(listed(dict[str, Any]), Field(description="Traces.", examples=[[{"type": "scatter", "x": [15], "y": [1]}]])),
    layout=(dict[str, Any], Field(description="Title, axes and notes.", examples=[{"title": {"text": "NPS"}}])),
)  # fmt: skip
