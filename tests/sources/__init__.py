"""Tests of the formats, the network and what is between them and records."""
