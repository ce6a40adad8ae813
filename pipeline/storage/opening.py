"""Open the store that the settings name; whoever uses it need not know which one it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.settings import StoreSettings
from pipeline.storage import Endpoint, Store
from pipeline.storage.durable import Settler
from pipeline.storage.embedded import EmbeddedServer
from pipeline.storage.s3 import S3Store


@dataclass(frozen=True, slots=True)
class OpenStore:
    """A store and, when it is the bundled one, its server."""

    store: Store
    server: EmbeddedServer | None = None

    def close(self) -> None:
        """Let go of the connections, and stop the server if this process started it."""
        self.store.close()
        if self.server is not None:
            self.server.stop()


def embedded_server(settings: StoreSettings, home: Path) -> EmbeddedServer | None:
    """The bundled server of this home, not started, or None when the settings name a store: for `abhilekh status`."""
    return None if settings.endpoint else EmbeddedServer(home / "store", settings.bucket)


def open_store(settings: StoreSettings, home: Path) -> OpenStore:
    """The store that the settings name, else the bundled one under `home`, started or joined.

    A configured store is not called yet: `ping` tells whether it answers. The bundled one raises what
    `EmbeddedServer.ensure` raises. Call it in each process; a store must not outlive the server's starter unnoticed.
    """
    server = embedded_server(settings, home)
    if server is None:
        return OpenStore(S3Store(_configured(settings), settings.bucket))
    endpoint = server.ensure()
    store = S3Store(endpoint, settings.bucket, revive=server.ensure, settle=Settler(server.data))
    return OpenStore(store, server)


def open_foreign(settings: StoreSettings, certificate: Path | None = None) -> Store:
    """Another store that the settings name, only to be read: nothing is made or changed there.

    `certificate` is the `tls.pem` of a home whose bundled store it is; no other certificate is trusted then.
    """
    return S3Store(replace(_configured(settings), certificate=certificate), settings.bucket, read_only=True)


def _configured(settings: StoreSettings) -> Endpoint:
    written = settings.endpoint or ""
    scheme, separator, rest = written.rpartition("://")
    secure = scheme == "https" if separator else settings.secure
    keys = settings.access_key.get_secret_value(), settings.secret_key.get_secret_value()
    return Endpoint(rest.rstrip("/"), *keys, secure=secure, region=settings.region)
