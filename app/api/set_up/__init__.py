"""Setting up: the organisation, its units, touchpoints and surveys, contacts and keys."""
