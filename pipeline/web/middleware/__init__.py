"""What every request and every answer passes outside the routes: `auth` (who asks), `audit` (what the audit log keeps), and
`headers` (security headers, and an error page for exceptions outside our family).

`web.app` puts them in their order. Rights to single routes are in `web.security`.
"""
