"""The book of a congress, invented, made by this program and by others, and measured: ``./run bench congress``."""
