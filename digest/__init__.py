"""Meeting abstracts in, a dated highlights issue out."""
