"""The operator's desk: how work stands, scans sent in, and what people say of single pages.

Rows are in `index`, pages in `web.scanning`.
"""
