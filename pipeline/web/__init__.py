"""The web face of Abhilekh: search, look at a page, see how work stands.

`app` puts the application together, `pages` holds the HTML routes and `api` the JSON ones; both see the record room
only through the `Library` of `library`. What does not live here: any way to read or write the store, the rows or the
index.
"""
