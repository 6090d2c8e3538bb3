"""Questionnaires: surveys, their questions, wordings and the library."""
