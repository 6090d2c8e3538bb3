"""The demo: a real history of customers, invented staff, and six things to try."""
