"""People, their rights, and the record of what they did. Rows are in `index`, pages in `web.accounts` and `web.audit`."""
