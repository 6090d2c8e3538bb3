"""The answer path: an answer is on disk, and counted, before anybody is thanked."""
