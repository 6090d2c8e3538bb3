"""The check-up: whether an installation is sound, and the remedy for each thing that is not."""
