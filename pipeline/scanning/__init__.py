"""What the operator sees and does: the dashboard, uploads, page annotations, retry.

Rows are in `db`, pages in `web.scanning`.
"""
