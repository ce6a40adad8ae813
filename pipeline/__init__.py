"""Abhilekh: from a record room's paper to files people can find.

A scan travels one way: `ingest` keeps the original and commits a batch; `pages` makes each page upright; `ocr` reads it;
`records` cuts the batch into documents and finds their fields; `store` keeps the objects; `index` keeps the rows and the
full text; `web` and `cli` show them. `flow` tells that story on one screen, `conductor` feeds it, and `wiring` is the one
place that names concrete parts. The nouns they share are in `model`, the errors in `errors`, the settings in `settings`.
"""

__version__ = "0.1.0"
