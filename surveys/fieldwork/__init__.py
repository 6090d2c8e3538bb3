"""Fieldwork: people are asked, in waves and after interactions, and each invitation has an outcome."""
