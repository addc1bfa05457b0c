"""Tests of the formats, the network and what stands between them and records."""
