"""The nouns of acceptance: a sample drawn by a seed, what was found of each of its documents, and who signed for it.

The same seed draws the same documents from the same population, so that anybody can draw it again. How samples are kept is
in `review.sampling`, their pages in `web.review`.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from pipeline.model.json_values import JsonObject

MOST = 2000  # documents of one sample: nobody looks at more
_Z = 1.959964  # of the 95 % interval


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be accepted: documents of an office (None: of every one) that were filed on these days."""

    office: str | None
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Verdict:
    """The finding of a person who compared a document with its scan."""

    is_right: bool
    remark: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SampleSignature:
    """Who answers for the sample; `sha256` is that of all that stood in it then."""

    by: str
    full_name: str
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Sample:
    """`population` is how many documents there were, `of` the SHA-256 over their names; `percent` of them were drawn.

    `limit` is how many of a hundred may be wrong, at most.
    """

    id: str
    scope: Scope
    percent: float
    limit: float
    seed: str
    population: int
    of: str
    documents: tuple[str, ...]
    drawn_by: str
    drawn_at: datetime
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    signature: SampleSignature | None = None

    @property
    def wrong(self) -> int:
        return sum(not verdict.is_right for verdict in self.verdicts.values())

    @property
    def waiting(self) -> tuple[str, ...]:
        """The documents without a finding."""
        return tuple(document for document in self.documents if document not in self.verdicts)

    @property
    def share_wrong(self) -> float:
        """Wrong documents of a hundred looked at."""
        return 100 * self.wrong / len(self.verdicts) if self.verdicts else 0.0

    @property
    def at_most_wrong(self) -> float:
        """How many of a hundred may be wrong in all, with 95 % confidence: the upper end of Wilson's interval."""
        return 100 * wilson(self.wrong, len(self.verdicts))

    @property
    def is_accepted(self) -> bool:
        """Whether no more are wrong than may be; only where all were looked at."""
        return not self.waiting and self.share_wrong <= self.limit

    def with_verdict(self, document: str, verdict: Verdict) -> Sample:
        return replace(self, verdicts={**self.verdicts, document: verdict})

    def signed(self, by: str, full_name: str, at: datetime) -> Sample:
        return replace(self, signature=SampleSignature(by, full_name, at, digest(self)))

    @property
    def is_as_signed(self) -> bool:
        """Whether nothing was changed since it was signed."""
        return self.signature is not None and self.signature.sha256 == digest(replace(self, signature=None))


def draw(population: Iterable[str], percent: float, seed: str) -> tuple[int, str, tuple[str, ...]]:
    """How many there are, the SHA-256 over their names in order, and those that were drawn.

    A document is drawn by the SHA-256 of the seed and its name: the smallest ones. At least one, of any."""
    names = sorted(population)
    over = hashlib.sha256()
    for name in names:
        over.update(name.encode() + b"\n")
    wanted = min(math.ceil(len(names) * percent / 100), len(names))
    drawn = heapq.nsmallest(wanted, names, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
    return len(names), over.hexdigest(), tuple(sorted(drawn))


def wilson(wrong: int, looked_at: int) -> float:
    """The upper end of the 95 % interval for a share (Wilson 1927); 1 where nothing was looked at."""
    if not looked_at:
        return 1.0
    share, z = wrong / looked_at, _Z
    middle = share + z * z / (2 * looked_at)
    spread = z * math.sqrt(share * (1 - share) / looked_at + z * z / (4 * looked_at**2))
    return min((middle + spread) / (1 + z * z / looked_at), 1.0)


def digest(sample: Sample) -> str:
    """The SHA-256 of the sample as it is written."""
    content = json.dumps(sample_json(sample), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def sample_json(sample: Sample) -> JsonObject:
    """The sample as its object keeps it."""
    signature = sample.signature
    return {
        "id": sample.id,
        "office": sample.scope.office,
        "since": sample.scope.since.isoformat(),
        "until": sample.scope.until.isoformat(),
        "percent": sample.percent,
        "limit": sample.limit,
        "seed": sample.seed,
        "population": sample.population,
        "of": sample.of,
        "documents": list(sample.documents),
        "drawn_by": sample.drawn_by,
        "drawn_at": sample.drawn_at.isoformat(),
        "verdicts": {
            name: {"right": one.is_right, "remark": one.remark, "by": one.by, "at": one.at.isoformat()}
            for name, one in sorted(sample.verdicts.items())
        },
        "signature": {
            "by": signature.by,
            "full_name": signature.full_name,
            "at": signature.at.isoformat(),
            "sha256": signature.sha256,
        }
        if signature
        else None,
    }


def sample_from(found: Mapping[str, Any]) -> Sample:
    """The inverse of `sample_json`. Raises `KeyError`, `TypeError` or `ValueError` where it is none."""
    signed = found["signature"]
    return Sample(
        id=found["id"],
        scope=Scope(found["office"], date.fromisoformat(found["since"]), date.fromisoformat(found["until"])),
        percent=found["percent"],
        limit=found["limit"],
        seed=found["seed"],
        population=found["population"],
        of=found["of"],
        documents=tuple(found["documents"]),
        drawn_by=found["drawn_by"],
        drawn_at=datetime.fromisoformat(found["drawn_at"]),
        verdicts={
            name: Verdict(one["right"], one["remark"], one["by"], datetime.fromisoformat(one["at"]))
            for name, one in found["verdicts"].items()
        },
        signature=SampleSignature(
            signed["by"], signed["full_name"], datetime.fromisoformat(signed["at"]), signed["sha256"]
        )
        if signed
        else None,
    )
