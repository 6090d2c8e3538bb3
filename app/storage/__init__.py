"""Storage: the database of the settings, its engines, its migrations, and what happens while it is away."""
