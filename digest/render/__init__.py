"""Appearance: what templates see, the HTML they make, the PDF that is made of it."""
