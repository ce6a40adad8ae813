"""The web application. Each feature has a folder with its pages, its JSON and a `router`: `search`, `viewer`,
`scanning`, `review`, `statistics`, `register`, `accounts`, `audit`.

`app` composes them, `server` serves them. Shared: `middleware` (authentication, audit log, headers), `security`
(permissions, cookies), `audited` (what a route leaves in the audit log), `error_pages`, `rendering`, `language`,
`labels`, `assets`, `downloads`, `addresses`. Routes reach the rest of the program only through `services` and each
feature's own protocol. What does not live here: any way to read or write the store, the rows or the index.
"""
