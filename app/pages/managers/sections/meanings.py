"""Meanings: what every figure is, in the words of one language; its name stays as the API writes it."""

from dataclasses import dataclass

from analytics.reports.metrics import REGISTRY, Metric
from app.phrases.speech import Speech


@dataclass(frozen=True, slots=True)
class Meaning:
    """A row: a figure, its unit, what it means, and what stands where there is none."""

    name: str
    unit: str
    meaning: str
    empty: str


def groups(speech: Speech) -> list[tuple[str, list[Meaning]]]:
    """The figures of each report under its heading."""
    headings, units = _headings(speech), _units(speech)
    return [(headings[name], [_row(speech, units, metric) for metric in metrics]) for name, metrics in REGISTRY.items()]


def texts(speech: Speech) -> list[str]:
    """What holds for all figures, a paragraph each."""
    _ = speech.gettext
    return [
        _(
            "NPS (of staff: eNPS) = 100 × (promoters − detractors) / answers. Promoters answered 9 or 10, passives "
            "7 or 8, detractors 0 to 6. Only answered scores count."
        ),
        _(
            "The interval is the adjusted Wald interval with pseudo-counts ¾, 1½, ¾ (Rocks 2016), clipped to ±100. It "
            "covers the chance of who happened to answer; it does not cover that those who stay silent may think "
            "otherwise. Below 5 answers there is none; from 1 to 29 a figure is indicative."
        ),
        _(
            "A change is called up or down only where a test, corrected for everything compared together (Benjamini "
            "and Hochberg 1995), supports it. Against a baseline the test holds however often one looks (Johari, "
            "Pekelis and Walsh 2017). “No clear change” does not say that nothing changed."
        ),
    ]


def _row(speech: Speech, units: dict[str, str], metric: Metric) -> Meaning:
    empty = "null" if metric.empty is None else str(metric.empty).lower()
    return Meaning(metric.name, units[metric.unit], speech.gettext(metric.meaning), empty)


def _headings(speech: Speech) -> dict[str, str]:
    _ = speech.gettext
    return {
        "Estimate": _("Estimate"),
        "Turnout": _("Turnout"),
        "Change": _("Change"),
        "Watch": _("Watch against a baseline"),
        "Trend": _("Trend of the score"),
        "Slope": _("Slope of the trend"),
        "Weighted": _("Weighted"),
        "Distribution": _("Distribution"),
        "Representation": _("Representation"),
        "Effect": _("Effect of an initiative"),
        "Driver": _("Driver"),
        "Word": _("Word"),
    }


def _units(speech: Speech) -> dict[str, str]:
    _ = speech.gettext
    return {
        "points": _("points"),
        "points per period": _("points per period"),
        "count": _("count"),
        "share": _("share"),
        "flag": _("yes or no"),
        "percent": _("percent"),
        "probability": _("probability"),
        "ratio": _("ratio"),
        "scale": _("as answered"),
        "correlation": _("correlation"),
        "place": _("place"),
        "key": _("key"),
        "word": _("word"),
        "words": _("words"),
        "tag": _("language tag"),
        "log odds": _("log odds"),
        "standard errors": _("standard errors"),
    }
