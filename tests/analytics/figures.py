"""Figures as Plotly takes them."""

from typing import Any

import plotly.graph_objects as go


def accepted(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure as Plotly's own classes give it back: an unknown field would have raised."""
    found: dict[str, Any] = go.Figure(figure).to_plotly_json()
    return found
