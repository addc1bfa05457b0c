"""What is measured, runnable; results and how to repeat them are in ``RESULTS.md``."""
