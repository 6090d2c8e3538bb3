"""Commands that run the service: the demo, serving, the worker, bounces, and whether the installation is sound."""
