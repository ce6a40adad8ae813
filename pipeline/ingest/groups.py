"""Files of the inbox sorted into what becomes one batch: a file alone, or a group of pages with its markers.

The scanner profiles define which files belong together; waiting for them and taking them is in `gather`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.ingest.profiles import InboxPlace, Profile, place_of
from pipeline.ingest.slip import ident_of


@dataclass(frozen=True, slots=True)
class Lot:
    """Files that become one batch: one alone, or the pages of a group in order, and the markers that end it.

    A late marker makes a lot without pages.
    """

    profile: Profile
    key: tuple[str, str, str]
    name: str
    metadata: Mapping[str, str]
    pages: tuple[Path, ...]
    markers: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        return self.pages + self.markers

    @property
    def ident(self) -> str:
        """What a group is called in the rows."""
        return ident_of(self.key)

    @property
    def is_group(self) -> bool:
        return self.profile.group != "file"


def sort_into_lots(inbox: Path, paths: Iterable[Path], profiles: Sequence[Profile]) -> list[Lot]:
    """Every file of the inbox in the lot it belongs to; the lots in order of their first file.

    What is no plain file belongs to no group: it goes alone, and is rejected.
    """
    found: dict[tuple[str, ...], list[tuple[InboxPlace, Path]]] = {}
    for path in paths:
        is_plain = path.is_file() and not path.is_symlink()
        place = place_of(profiles if is_plain else (), path.relative_to(inbox))
        alone = (str(path),) if place.profile.group == "file" else ()  # two names may be one in another normal form
        found.setdefault((*place.key, *alone), []).append((place, path))
    return [_lot(members) for members in found.values()]


def _lot(members: list[tuple[InboxPlace, Path]]) -> Lot:
    first = members[0][0]
    pages = sorted((m for m in members if not m[0].is_marker), key=lambda m: (m[0].order, m[1].name))
    metadata = pages[0][0].metadata if pages else first.metadata
    markers = tuple(path for place, path in members if place.is_marker)
    return Lot(first.profile, first.key, first.group, metadata, tuple(path for _, path in pages), markers)
