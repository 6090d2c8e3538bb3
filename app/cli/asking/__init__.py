"""Commands for asking: surveys, touchpoints, contacts and invitations."""
