"""Counts of answers, from one parsed query: the only SQL in analytics."""
