"""Meeting abstracts in, a dated highlights issue out.

From Python: `digest.project.read_issue` reads the folder of an issue, `digest.build.build` makes its files in memory,
`digest.cite` cites records, and `digest.csl` is a processor of the Citation Style Language that stands on its own.
"""
