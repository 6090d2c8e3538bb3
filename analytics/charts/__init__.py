"""Figures for the eye: what a report draws with Plotly, and where each label stands."""
