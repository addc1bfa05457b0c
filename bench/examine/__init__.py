"""Compares `digest.csl` with other processors, over items that each seed generates again."""
