"""Sections: what the parts of a report say, as words that templates only set in rows."""
