"""Indian government file numbers, part by part. Everything others need of it is named in `records.file_number`.

`letters` folds signs, `labels` takes words for "number" off, `refusals` says what is none, `volumes` knows part files,
`keys` makes a `FileNumber`, `grammar` names its form, `grammar_file` reads the forms, `find` looks into lines, `repairs`
mends what the reading of a scan damaged.
"""
