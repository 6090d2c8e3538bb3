"""Invitations: one link for one contact, sent or withheld for a recorded reason."""
