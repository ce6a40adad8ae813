"""Build the rows and the full text again from the object store alone.

Batches, documents and pages come from manifests, words from layout objects, all that people did from the journals.
Nothing in the store is changed. What cannot be trusted is named by its key, and its batch is received anew, so that it is
digitised again from its original.
"""

from __future__ import annotations

import gzip
import hashlib
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import structlog

from pipeline.audit import checkpoints
from pipeline.db.annotations import AnnotationRepository
from pipeline.db.corrections import CorrectionRows
from pipeline.db.rebuilding import Rebuilding
from pipeline.db.register import RegisterRepository
from pipeline.db.samples import SampleRepository
from pipeline.db.scan_versions import Versions
from pipeline.errors import FixityError, InputError, ObjectMissingError
from pipeline.model.batch import Batch, BatchState
from pipeline.model.document import Document
from pipeline.model.json_values import JsonObject
from pipeline.model.page import ReadPage
from pipeline.model.review import Correction
from pipeline.model.scan import MediaType, Source, StoredObject, batch_id
from pipeline.ocr.layout import from_alto
from pipeline.preservation import signing_key
from pipeline.preservation.map_ordered import Tell, map_ordered
from pipeline.preservation.scan_versions import ScanVersions
from pipeline.register import changes as register_changes
from pipeline.review import corrections, sampling
from pipeline.review.corrected import apply
from pipeline.review.corrections import Corrections
from pipeline.scanning import annotations as page_annotations
from pipeline.storage import Store, annotation_record, batch_manifest, keys
from pipeline.storage.batch_manifest import BatchManifest
from pipeline.storage.journal import read_all

log = structlog.get_logger()

Prove = Callable[[Path, str], Source]


@dataclass(slots=True)
class Rebuilt:
    """What was built: counts (`changes` are the register's, `audit_events` those of the audit log), batches that are
    digitised again, keys of damaged objects."""

    batches: int = 0
    documents: int = 0
    pages: int = 0
    changes: int = 0
    audit_events: int = 0
    samples: int = 0
    received: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def json(self) -> JsonObject:
        """`reindex --json`; `deeds` is the older name of `audit_events`."""
        return {**asdict(self), "deeds": self.audit_events}


def rebuild(store: Store, register: Rebuilding, prove: Prove, scratch: Path, *, tell: Tell) -> Rebuilt:
    """Fill empty rows. `prove` opens an original that no manifest tells of, as a file under `scratch`.

    Raises what the store raises when it does not answer; the register is of no use then.
    """
    done, lost = Rebuilt(), _Lost()
    journal = Corrections(store, CorrectionRows(register.database, register.index)).journal()
    found = [info.key for info in store.list(keys.MANIFESTS)]
    loaded = map_ordered(lambda key: _load(store, key), found)
    for count, (key, account, damaged) in enumerate(loaded, start=1):
        if damaged:
            done.damaged.append(damaged)
            log.warning("damaged", key=damaged, manifest=key)
        if account is None:
            lost.batches.add(key.removeprefix(keys.MANIFESTS).removesuffix(".json"))
        else:
            lost.offices.add(account.batch.office)
            entries, damaged_ones = read_all(store, corrections.FORMAT, keys.corrections(account.batch.id))
            done.damaged += damaged_ones
            _take(register, _with_corrections(account, [entry.value for entry in entries]), done)
            journal.replay_entries(entries)
        tell(count, len(found))
    offices = RegisterRepository(register.database)
    changes = register_changes.replay(store, offices)
    done.changes = changes.committed
    done.damaged += changes.damaged
    lost.offices.update(office.code for office in offices.offices())
    standing_in = _scans_of_notes(store)
    _originals(store, register, prove, scratch, done, lost, besides=standing_in)
    _rejected(store, register, done, lost)
    _notes(store, AnnotationRepository(register.database), done)
    done.damaged += ScanVersions(lambda: store, Versions(register)).replay()
    samples = sampling.replay(store, SampleRepository(register.database))
    done.samples = samples.committed
    done.damaged += samples.damaged
    done.audit_events = checkpoints.replay(store, register)
    if (damaged_key := signing_key.replay(store, register)) is not None:
        done.damaged.append(damaged_key)
    return done


@dataclass(slots=True)
class _Lost:
    """Batches whose manifest cannot be read, and the offices that there are: an original that is in another office's batch
    too may be that of a lost one."""

    batches: set[str] = field(default_factory=set)
    offices: set[str | None] = field(default_factory=lambda: {None})

    def of(self, sha256: str) -> Iterator[tuple[str, str | None]]:
        """The lost batches of this content: id and office."""
        if self.batches:
            for office in sorted(self.offices, key=lambda code: code or ""):
                ident = batch_id(sha256, office)
                if ident in self.batches:
                    yield ident, office


def _take(register: Rebuilding, account: BatchManifest, done: Rebuilt) -> None:
    new = register.replay(
        account.batch,
        account.objects,
        documents=account.documents,
        marks=account.marks,
        filed_at=account.filed_at,
        error=account.error,
    )
    if not new:
        return
    done.batches += 1
    done.documents += len(account.documents)
    done.pages += sum(len(document.pages) for document in account.documents)
    if account.batch.state is BatchState.RECEIVED:
        done.received.append(account.batch.id)


def _load(store: Store, key: str) -> tuple[str, BatchManifest | None, str | None]:
    """The key, the account with its pages' words, and the key of what is damaged."""
    try:
        data = store.get(key)
        account = batch_manifest.read(data)
        if keys.manifest(account.batch.id) != key:
            raise ValueError(f"it is the manifest of {account.batch.id}")
    except (ValueError, ObjectMissingError) as error:
        log.warning("manifest", key=key, cause=str(error))
        return key, None, key
    own = StoredObject(key, hashlib.sha256(data).hexdigest(), len(data))
    known = {stored.key: stored for stored in account.objects}
    documents = []
    for document in account.documents:
        pages = []
        for page in document.pages:
            read = _with_words(page, store, known.get(page.layout_key))
            if read is None:
                return key, _anew(account, own), page.layout_key
            pages.append(read)
        documents.append(replace(document, pages=tuple(pages)))
    return key, replace(account, objects=(*account.objects, own), documents=tuple(documents)), None


def _with_words(page: ReadPage, store: Store, layout: StoredObject | None) -> ReadPage | None:
    """The page with text and words as they stand in its layout; None when that is not as it was put."""
    try:
        data = store.get(page.layout_key)
        if layout is None or hashlib.sha256(data).hexdigest() != layout.sha256:
            return None
        text, words = from_alto(data)
    except (ObjectMissingError, gzip.BadGzipFile, zlib.error, EOFError, ElementTree.ParseError, KeyError, ValueError):
        return None
    text += "\n" * (len(page.text) - len(page.text.rstrip("\n")))  # lines without words at the end are in no layout
    return replace(page, text=text, words=words) if unicodedata.normalize("NFC", text) == page.text else None


class _CutSinceError(Exception):
    """People cut the batch otherwise after its manifest was written."""


def _with_corrections(account: BatchManifest, later: Sequence[Correction]) -> BatchManifest:
    """The account with the corrections made after the manifest was written. Where they cut otherwise since, as when a crash
    came in between, the batch is received anew: its documents have no PDF yet."""

    def describe(ident: str, pages: Sequence[ReadPage]) -> Document:
        raise _CutSinceError

    if not later or not account.documents:
        return account
    try:
        documents, conflicts = apply(account.documents, later, describe)
    except _CutSinceError:
        own = keys.manifest(account.batch.id)
        return _anew(account, next(stored for stored in account.objects if stored.key == own))
    corrections.log_conflicts(account.batch.id, conflicts)
    return replace(account, documents=tuple(documents))


def _anew(account: BatchManifest, own: StoredObject) -> BatchManifest:
    """The batch as it was received: its originals, its manifest until there is a new one, nothing else made of them."""
    batch = replace(account.batch, state=BatchState.RECEIVED, tries=0)
    originals = {file.original_key for file in batch.source.each}
    return BatchManifest(batch, (*(stored for stored in account.objects if stored.key in originals), own))


def _scans_of_notes(store: Store) -> set[str]:
    """The originals that came only to stand for a page; damaged annotations are named when they are replayed."""
    entries, _ = read_all(store, annotation_record.FORMAT)
    return {entry.value.original.key for entry in entries if entry.value.original}


def _notes(store: Store, notes: AnnotationRepository, done: Rebuilt) -> None:
    """Page annotations in their order. A page that was not read since is read again."""
    replayed, unread = page_annotations.replay(store, notes)
    done.damaged += sorted([*replayed.damaged, *replayed.unplaced])
    done.received += [batch for batch in dict.fromkeys(unread) if batch not in done.received]


def _originals(
    store: Store, register: Rebuilding, prove: Prove, scratch: Path, done: Rebuilt, lost: _Lost, *, besides: Set[str]
) -> None:
    """Originals that no manifest tells of become received batches, named by their hash; `besides` do not. Those of a lost
    batch become that batch again, whoever else has them."""
    for info in store.list(keys.ORIGINALS):
        sha256 = info.key.removeprefix(keys.ORIGINALS)
        wanted = list(lost.of(sha256))
        if not wanted and (info.key in besides or register.knows(info.key)):
            continue
        path = scratch / sha256
        try:
            store.fetch(info.key, path)
            source = prove(path, batch_id(sha256))
            if source.sha256 != sha256:
                raise FixityError(key=info.key, expected=sha256, found=source.sha256)
        except (InputError, FixityError, ObjectMissingError) as error:
            log.warning("original", key=info.key, cause=error.text("en"))
            done.damaged.append(info.key)
            continue
        finally:
            path.unlink(missing_ok=True)
        for ident, office in wanted or [(source.batch_id, None)]:
            named = replace(source, name=ident + source.media_type.suffix)
            batch = Batch(ident, named, BatchState.RECEIVED, datetime.now(UTC), office)
            _take(register, BatchManifest(batch, (StoredObject(info.key, sha256, info.bytes),)), done)


def _rejected(store: Store, register: Rebuilding, done: Rebuilt, lost: _Lost) -> None:
    """Rejected files that no manifest tells of: kept as rejected, the reason being lost."""
    for info in store.list(keys.REJECTED):
        sha256 = info.key.removeprefix(keys.REJECTED)
        wanted = list(lost.of(sha256))
        if not wanted and register.knows(info.key):
            continue
        for ident, office in wanted or [(batch_id(sha256), None)]:
            source = Source(ident, sha256, info.bytes, MediaType.UNKNOWN, 0)
            batch = Batch(ident, source, BatchState.REJECTED, datetime.now(UTC), office)
            _take(register, BatchManifest(batch, (StoredObject(info.key, sha256, info.bytes),)), done)
