"""Review: what a person may do to a document, and how what was said is kept for good.

Rows are in `index`, pages in `web.review`.
"""
