"""The edge: what every request meets before a route does, and what it meets where it fails."""
