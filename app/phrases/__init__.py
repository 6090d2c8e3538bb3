"""Phrases: what figures say, as whole sentences in the language of whoever reads them."""
