"""Answering without a link of one's own: open pages, and answers handed over in batches."""
