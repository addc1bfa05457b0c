"""Tests: what a user sees, and the rules of the house."""
