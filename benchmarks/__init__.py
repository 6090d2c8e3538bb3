"""Ratios against bare limits, each pair measured side by side in one run."""
