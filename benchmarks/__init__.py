"""Ratios against bare limits, each measured side by side in one run."""
