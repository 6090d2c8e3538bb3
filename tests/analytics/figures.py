"""Figures as Plotly takes them, and the words on them."""

from typing import Any

import plotly.graph_objects as go

from app.phrases import charts, groups
from app.phrases.speech import ENGLISH

TEXTS, NAMING = charts.texts(ENGLISH), groups.naming(ENGLISH)


def accepted(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure as Plotly's own classes give it back: an unknown field would have raised."""
    checked: dict[str, Any] = go.Figure(figure).to_plotly_json()
    return checked
