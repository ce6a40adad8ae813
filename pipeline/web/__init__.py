"""The web face of Abhilekh, divided by what people do: `find`, `look`, `watch`, `board`.

`app` puts the application together; each part has its pages, its JSON and a `router`, and sees the record room only
through the `Library` of `library`, or a protocol of its own. Shared by all: `gate` (who may), `guard` (headers), `faults`
(errors), `rendering`, `language`, `names`, `assets`, `downloads`. What does not live here: any way to read or write the
store, the rows or the index.
"""
