"""The register of offices and files: its nouns, who may change what, and how a change is kept.

Rows are in `db.register`, lists in `register.lists`.
"""
