"""Every command of the register is explained: in its own help with an example, and in the operations manual."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli import register_files, register_offices
from pipeline.register.lists import FILE_COLUMNS, OFFICE_COLUMNS

MANUAL = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = [
    (group, command)
    for group, typed in (("office", register_offices.group), ("file", register_files.group))
    for command in typed.registered_commands
]


@pytest.mark.parametrize(("group", "command"), COMMANDS)
def test_a_command_has_an_example_and_a_place_in_the_manual(group: str, command: object) -> None:
    name, told = str(command.name), str(command.callback.__doc__)  # type: ignore[attr-defined]

    assert f"Example:  abhilekh {group} {name} " in f"{told} ".replace("\n", " ")
    rows = [line for line in MANUAL.splitlines() if line.startswith(f"| `{group} ")]
    assert any(f"`{group} {name}" in row or f"`{name}" in row for row in rows), name


@pytest.mark.parametrize("column", [*FILE_COLUMNS, *OFFICE_COLUMNS])
def test_every_column_and_every_header_of_it_is_in_the_manual(column: object) -> None:
    name, hindi, known_as = column.name, column.hindi, column.known_as  # type: ignore[attr-defined]

    row = next(line for line in MANUAL.splitlines() if line.startswith(f"| `{name}` | {hindi} |"))
    assert all(header in row for header in known_as)
