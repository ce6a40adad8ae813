"""The register of offices and files: lists, changes and their journal, and what commands and API show of it.

Rows are in `db.register`, lists in `register.lists`.
"""
