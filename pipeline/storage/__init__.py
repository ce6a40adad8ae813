"""Where objects are kept.

`store` is the interface that every store fulfils, and `tests/contracts/test_store.py` the suite that it passes. `s3`
speaks to any S3 server, `embedded` runs the bundled one, `opening` chooses between them by the settings, `keys` names
objects, `journal` keeps what is only ever added to, and `manifest` writes the envelope from which rows can be rebuilt.
What an object means lives elsewhere.
"""

from pipeline.storage.store import CHUNK_BYTES, Endpoint, ObjectInfo, Store

__all__ = ["CHUNK_BYTES", "Endpoint", "ObjectInfo", "Store"]
