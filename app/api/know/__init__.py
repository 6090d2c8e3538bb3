"""Knowing: scores, trends, comparisons, words, charts and the answers themselves."""
