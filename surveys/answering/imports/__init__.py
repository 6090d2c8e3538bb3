"""Imports: past answers from another tool's export become responses, counted like any other."""
