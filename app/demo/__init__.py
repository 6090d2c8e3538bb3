"""The demo: a real history, and three things to try."""
