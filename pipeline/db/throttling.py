"""Guesses at passwords and codes, counted after OWASP's device cookies: who is unknown waits by name and by address, a
browser that has signed in before has a counter of its own, which nobody else can fill.

Secrets of devices are kept as SHA-256. Which cookie holds them is the web's matter.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from pipeline.db.account_tables import AttemptOriginRow, AttemptRow, DeviceRow, PersonRow, SessionRow
from pipeline.db.database import Database, now
from pipeline.db.secret_digest import digest

FREE_TRIES, FREE_TRIES_OF_ADDRESS = 5, 30  # failed attempts before there is a wait
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)
_FORGOTTEN = timedelta(hours=1)  # after which failed attempts no longer count
DEVICE_DAYS = 180  # a browser in which nobody has signed in for so long is unknown again
_MOST_DEVICES = 20  # of one person; beyond, the one that was used longest ago is forgotten
_MOST_ORIGINS = 50  # addresses remembered of one name, for `unlock`
_IPV6_PREFIX = 64  # bits that one subscriber is given: all of them are one address here
_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Client:
    """Who tries: under which name, from which address, and the counter of a device or session that is known, or ""."""

    name: str
    address: str
    known_as: str = ""

    @property
    def limits(self) -> tuple[tuple[str, int], ...]:
        """The counters that this attempt belongs to, each with its free tries."""
        if self.known_as:
            return ((self.known_as, FREE_TRIES),)
        return (
            (_key("name", self.name), FREE_TRIES),
            (_key("address", network_of(self.address)), FREE_TRIES_OF_ADDRESS),
        )


def session_counter(secret: str) -> str:
    """The counter of somebody who is signed in, by the secret of the session or of the token."""
    return _key("session", digest(secret))


def network_of(address: str) -> str:
    """The address as it is counted: of IPv6 the network of one subscriber, who could change the rest at every attempt."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _IPV6_PREFIX), strict=False))
    return str(found)


class Throttle:
    """Failed attempts of one installation, and the devices that are known. Every call is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def waits(self, client: Client) -> datetime | None:
        """Until when this client may not try; None where it may."""
        with self.database.read() as session:
            return _latest(session, (key for key, _ in client.limits))

    def failed(self, client: Client) -> None:
        """Count a failed attempt; beyond the free tries each makes the next one wait twice as long."""
        with self.database.write() as session:
            for key, free in client.limits:
                row = session.get(AttemptRow, key) or AttemptRow(key=key, failed=0, at=now())
                row.failed = 1 if row.at < now() - _FORGOTTEN else row.failed + 1
                row.at = now()
                if row.failed >= free:
                    row.until = now() + min(_SHORTEST_WAIT * 2 ** min(row.failed - free, 10), _LONGEST_WAIT)
                session.add(row)
            session.execute(delete(AttemptRow).where(col(AttemptRow.at) < now() - _FORGOTTEN))
            _remember_origin(session, client)

    def refused(self, client: Client) -> None:
        """Remember from where a person had to wait, so that `unlock` frees the address as well."""
        if client.known_as:
            return
        address = network_of(client.address)
        with self.database.read() as session:  # a flood of refusals must not become a flood of writes
            row = session.get(AttemptOriginRow, (client.name, address))
            if row is not None and row.at > now() - _FORGOTTEN / 2:
                return
        with self.database.write() as session:
            _remember_origin(session, client)

    def succeeded(self, client: Client) -> None:
        """Forget the failed attempts of this client; those of an address stay, since others share it."""
        with self.database.write() as session:
            session.execute(delete(AttemptRow).where(col(AttemptRow.key) == client.limits[0][0]))

    def unlock(self, name: str) -> list[str]:
        """Free a name, its devices and sessions, and the addresses from which it was tried; returns those addresses."""
        with self.database.write() as session:
            origins = session.exec(select(AttemptOriginRow.address).where(AttemptOriginRow.person == name)).all()
            session.execute(delete(AttemptOriginRow).where(col(AttemptOriginRow.person) == name))
            counters = [_key("name", name), *(_key("address", address) for address in origins)]
            counters += _own_counters(session, name)
            session.execute(delete(AttemptRow).where(col(AttemptRow.key).in_(counters)))
            return sorted(origins)

    def waiting(self) -> dict[str, datetime]:
        """Until when people have to wait, by name: because of their name, or of an address from which they were tried."""
        with self.database.read() as session:
            rows = session.exec(select(AttemptRow).where(col(AttemptRow.until) > now()))
            until = {row.key: row.until for row in rows if row.until}
            found: dict[str, datetime] = {}
            names = session.exec(select(PersonRow.name)).all() if until else []
            origins = session.exec(select(AttemptOriginRow)).all() if until else []
            pairs = [(name, _key("name", name)) for name in names]
            pairs += [(row.person, _key("address", row.address)) for row in origins]
            for name, key in pairs:
                if key in until:
                    found[name] = max(until[key], found.get(name, until[key]))
            return found

    # --- devices -------------------------------------------------------------------------------------------------

    def device_counter(self, name: str, secret: str) -> str:
        """The counter of the device that holds this secret; "" where the person has never signed in there."""
        if not secret:
            return ""
        with self.database.read() as session:
            row = session.get(DeviceRow, digest(secret))
            is_known = row is not None and row.person == name and row.used_at > now() - timedelta(days=DEVICE_DAYS)
            return _key("device", digest(secret)) if is_known else ""

    def remember_device(self, name: str, before: str = "") -> str:
        """A new secret for the device in which a person has just signed in; the one it held `before` ends."""
        secret = secrets.token_urlsafe(32)
        with self.database.write() as session:
            own = col(DeviceRow.person) == name
            session.execute(delete(DeviceRow).where(own, col(DeviceRow.hash) == digest(before)))
            newest = select(DeviceRow.hash).where(own).order_by(col(DeviceRow.used_at).desc()).limit(_MOST_DEVICES - 1)
            kept = session.exec(newest).all()
            session.execute(delete(DeviceRow).where(own, col(DeviceRow.hash).not_in(kept)))
            session.add(DeviceRow(hash=digest(secret), person=name, created_at=now(), used_at=now()))
        return secret


def _key(kind: str, value: str) -> str:
    return f"{kind}:{value}"[:_LONGEST_KEY]


def _latest(session: Session, keys: Iterable[str]) -> datetime | None:
    rows = [session.get(AttemptRow, key) for key in keys]
    return max((row.until for row in rows if row is not None and row.until and row.until > now()), default=None)


def _own_counters(session: Session, name: str) -> list[str]:
    devices = session.exec(select(DeviceRow.hash).where(DeviceRow.person == name))
    sessions = session.exec(select(SessionRow.hash).where(SessionRow.person == name))
    return [_key("device", found) for found in devices] + [_key("session", found) for found in sessions]


def _remember_origin(session: Session, client: Client) -> None:
    """Only of people there are, and a few addresses each: invented names and addresses must not fill the table."""
    session.execute(delete(AttemptOriginRow).where(col(AttemptOriginRow.at) < now() - _FORGOTTEN))
    if client.known_as or session.get(PersonRow, client.name) is None:
        return
    own = select(AttemptOriginRow).where(AttemptOriginRow.person == client.name)
    rows = session.exec(own.order_by(col(AttemptOriginRow.at))).all()
    for row in rows[: max(0, len(rows) - _MOST_ORIGINS + 1)]:
        session.delete(row)
    session.flush()
    session.merge(AttemptOriginRow(person=client.name, address=network_of(client.address), at=now()))
