"""Asking: invitations, interactions, waves, and what is published of them."""
