"""Pages for people: the survey, and the reports of managers."""
