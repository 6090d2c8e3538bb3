"""Pages that respondents see."""
