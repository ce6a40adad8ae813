"""Who may do what: permissions of routes and of single pages, credentials in requests, refusals, limits of connections."""
