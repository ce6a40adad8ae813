"""People, their rights, and the record of what they did. Rows are in `index`, pages in `web.people` and `web.audit`."""
