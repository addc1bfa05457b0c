"""What the formats have in common: a draft of a record, markup, LaTeX, names of tags, and what a format cannot say."""
