"""Pages on paper: a document is cut into sheets, each is laid out by WeasyPrint, and one PDF is put together."""
