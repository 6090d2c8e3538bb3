"""Numbers in, numbers out: estimates, tests and models, with no database in sight."""
