"""Tests on real parts: both databases, a real mail server, a real browser."""
