"""The rows and the full text: `tables` (SQLModel), `database` (connections, migrations), `queue` (who works on what),
`records` (batches, pages, documents), `search` over one of the `engines`, and `hindi`, the analyser they share."""
