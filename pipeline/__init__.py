"""Abhilekh: from a record room's paper to files people can find.

A scan travels one way: `ingest` keeps the original and commits a batch; `preprocess` makes each page upright; `ocr`
reads it; `extract` cuts the batch into documents and finds their fields; `storage` keeps the objects; `db` keeps the
rows, `index` the full text; `web` and `cli` show them. `workflow.flow` tells that story on one screen,
`workflow.worker` feeds it, and `app` builds the parts. What people do has a folder each: `register`, `review`,
`scanning`, `viewer`, `accounts`, `audit`, `preservation`. The values they share are in `model`, the errors in `errors`,
the settings in `settings`.
"""

__version__ = "0.2.0"
