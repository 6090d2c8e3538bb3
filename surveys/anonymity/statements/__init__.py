"""Statements: what a wave says of itself as it closes, and the keys it is signed with."""
