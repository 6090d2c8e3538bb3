"""Recurring work: mail that is due, waves that open and close, what a closed wave leaves behind."""
