"""An append-only record: every entry is a sealed object of the store first, and rows of the database after it.

Whoever adds to a journal holds its lock, commits what is stored and in no row (a process was killed between the two),
and decides on that state. From the moment its object is stored an entry stands, whatever becomes of the rows: a replay
fills them again. A damaged entry is named in the log and to whoever replays, and its key is never used again.

What entries mean and what follows from them does not live here: each feature brings the format of its entries, its rows and
its lock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import structlog

from pipeline.errors import AbhilekhError, NotFoundError, ObjectMissingError
from pipeline.model.json_values import JsonObject
from pipeline.model.scan import StoredObject
from pipeline.storage import Store, keys
from pipeline.storage.manifest import sealed, unsealed

log = structlog.get_logger()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One entry and the object that keeps it."""

    value: T
    stored: StoredObject


@dataclass(frozen=True, slots=True)
class EntryFormat(Generic[T]):
    """How the entries of one journal are named and written.

    All keys begin with `prefix`, those of one subject (a batch, say) with `of_subject(subject)`; in the order of its keys a
    subject's entries were added. `to_json` and `from_json` are each other's inverse; `from_json` raises `ValueError`,
    `KeyError`, `TypeError` or `AttributeError` for JSON that is no entry.
    """

    prefix: str
    of_subject: Callable[[str], str]
    key: Callable[[T], str]
    to_json: Callable[[T], JsonObject]
    from_json: Callable[[dict[str, Any]], T]

    def encode(self, value: T) -> bytes:
        """The sealed object of an entry; the same entry gives the same bytes."""
        return sealed(self.to_json(value))

    def decode(self, key: str, data: bytes) -> Entry[T]:
        """The entry of the object under `key`. Raises `ValueError` for a damaged one, or one that belongs elsewhere."""
        content = unsealed(data)
        try:
            value = self.from_json(content)
            own = self.key(value)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"the entry lacks something: {error!r}") from error
        if own != key:
            raise ValueError(f"the entry belongs under {own}")
        return Entry(value, StoredObject(key, hashlib.sha256(data).hexdigest(), len(data)))


@dataclass(frozen=True, slots=True)
class Committed:
    """The entries of a subject that the rows hold: all up to the key `through`, and those of `keys` wherever they lie."""

    through: str = ""
    keys: Collection[str] = ()


class JournalRows(Protocol[T]):
    """Entries as rows of the database."""

    def committed(self, subject: str) -> Committed:
        """Which entries of a subject the rows hold."""

    def commit(self, entry: Entry[T]) -> None:
        """Write an entry with what follows from it, in one transaction; the same entry again leaves the rows as they are.

        Raises `NotFoundError` when what the entry speaks of is not in the database.
        """


Lock = Callable[
    [str], AbstractContextManager[None]
]  # of a subject; raises the feature's error when another one holds it


@contextmanager
def exclusively(lock: AbstractContextManager[bool], busy: AbhilekhError) -> Iterator[None]:
    """Hold a lock for the block. Raises `busy` when somebody else has it."""
    with lock as ours:
        if not ours:
            raise busy
        yield


@dataclass(slots=True)
class Replayed:
    """What a replay found: how many entries it committed, the keys of damaged objects, and those of entries that speak of
    something that is not in the database."""

    committed: int = 0
    damaged: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Journal(Generic[T]):
    """One journal: `store` is opened when it is first needed, `rows` and `lock` are the feature's.

    Every method raises what store and database raise.
    """

    store: Callable[[], Store]
    format: EntryFormat[T]
    rows: JournalRows[T]
    lock: Lock

    @contextmanager
    def writing(self, subject: str = "") -> Iterator[JournalWriter[T]]:
        """Hold the lock of a subject, with all that is stored in the rows. Raises the lock's error when it is held."""
        with self.lock(subject):
            yield JournalWriter(self, self.catch_up(subject))

    def catch_up(self, subject: str = "") -> tuple[str, ...]:
        """Commit the entries that are stored and in no row; the lock must be held. Returns the keys of the subject's entries
        in order, damaged ones too, as far back as the rows needed to be looked at."""
        committed = self.rows.committed(subject)
        stored = tuple(self._uncertain(subject, committed))
        for key in stored:
            if key not in committed.keys:
                entry = read_entry(self.store(), self.format, key)
                if entry is not None and self._commit(entry):
                    log.info("journal entry committed late", key=key)
        return stored or ((committed.through,) if committed.through else ())

    def is_behind(self, subject: str = "") -> bool:
        """Whether an entry of a subject is stored that the rows do not hold."""
        committed = self.rows.committed(subject)
        return any(key not in committed.keys for key in self._uncertain(subject, committed))

    def replay(self) -> Replayed:
        """Commit all that is stored, in the order of keys, while rows are rebuilt."""
        done = Replayed()
        for info in self.store().list(self.format.prefix):
            entry = read_listed(self.store(), self.format, info.key)
            if entry is None:
                done.damaged.append(info.key)
            else:
                self._replay_one(entry, done)
        return done

    def replay_entries(self, entries: Sequence[Entry[T]]) -> Replayed:
        """Commit entries in the order given, as `replay` does: for those whose order of time is not that of their keys."""
        done = Replayed()
        for entry in entries:
            self._replay_one(entry, done)
        return done

    def _replay_one(self, entry: Entry[T], done: Replayed) -> None:
        if self._commit(entry):
            done.committed += 1
        else:
            done.unplaced.append(entry.stored.key)

    def _commit(self, entry: Entry[T]) -> bool:
        """Commit an entry that is stored; False, and a line in the log, where what it speaks of is not there."""
        try:
            self.rows.commit(entry)
        except NotFoundError as error:
            log.warning("journal entry has no place", key=entry.stored.key, cause=error.text("en"))
            return False
        return True

    def _uncertain(self, subject: str, committed: Committed) -> Iterator[str]:
        for info in self.store().list(self.format.of_subject(subject), after=committed.through):
            yield info.key


@dataclass(frozen=True, slots=True)
class JournalWriter(Generic[T]):
    """The right to add entries to a subject of a journal, for as long as its lock is held. `stored` is what `catch_up`
    returned."""

    journal: Journal[T]
    stored: tuple[str, ...]

    @property
    def next_number(self) -> int:
        """The number of the next entry, where keys end in the entry's number; damaged entries keep theirs."""
        return keys.entry_number(self.stored[-1]) + 1 if self.stored else 1

    def append(self, value: T) -> Entry[T]:
        """Store an entry, then commit it. From the store on it stands, whatever is raised afterwards."""
        journal = self.journal
        key, data = journal.format.key(value), journal.format.encode(value)
        entry = Entry(value, journal.store().put_bytes(key, data, "application/json"))
        journal.rows.commit(entry)
        return entry


def read_entry(store: Store, form: EntryFormat[T], key: str) -> Entry[T] | None:
    """The entry under a key; None where it is damaged, which the log names. Raises what the store raises."""
    data = store.get(key)
    try:
        return form.decode(key, data)
    except ValueError as error:
        log.warning("journal entry damaged", key=key, cause=str(error))
        return None


def read_listed(store: Store, form: EntryFormat[T], key: str) -> Entry[T] | None:
    """As `read_entry`, and None also for an object that is listed and cannot be read: for rebuilding, where the other
    entries hold without it."""
    try:
        return read_entry(store, form, key)
    except ObjectMissingError as error:
        log.warning("journal entry damaged", key=key, cause=error.text("en"))
        return None


def read_all(store: Store, form: EntryFormat[T], prefix: str = "") -> tuple[list[Entry[T]], list[str]]:
    """The entries whose keys begin with `prefix` (all without one) in the order of keys, and the keys of damaged ones."""
    entries, damaged = [], []
    for info in store.list(prefix or form.prefix):
        entry = read_listed(store, form, info.key)
        if entry is None:
            damaged.append(info.key)
        else:
            entries.append(entry)
    return entries, damaged
