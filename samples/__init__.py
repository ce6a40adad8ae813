"""Invented office letters and files, drawn as scans with the truth beside them.

`letters` and `invent` hold what is written, `sheet` lays it out as HTML, `press` lets Chromium draw it, `marks` adds
stamp and signature, `age` makes a scan of it, `draw` is the command, and `truth` reads back what was drawn. Nothing
here is part of the pipeline: tests and benchmarks use it, the running software does not.
"""
