"""Responses, the cells they are counted in, and the tallies."""
