"""Acting: what the organisation does to improve, and what it changed."""
