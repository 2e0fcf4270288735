"""A history: the journal of one instance as some code once wrote it, with the files of its version by digest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from engine.canonical import digest, dump
from engine.db import table
from engine.journal import ENTRIES, INSTANCES
from engine.schema import Blob, Definition, Entry, Instance, Version, VersionFile

FOLDER = Path(__file__).parent
FILES = FOLDER / "files"
PROVEN = FOLDER / "proven.txt"
EXECUTES = "SpiffWorkflow"


class OtherLibrary(AssertionError):
    """The library that executes is not one under which the histories are known to replay."""


@dataclass(frozen=True)
class History:
    """One instance: `versions` are the files of every version it ran on, `entries` its journal, `outside` the services
    that were called after the commit, `calendars` those that its entries name."""

    definition: str
    recorded_with: str
    outside: Sequence[str]
    versions: Mapping[str, Mapping[str, str]]
    calendars: Mapping[str, Any]
    instance: Mapping[str, Any]
    entries: Sequence[Mapping[str, Any]]

    @classmethod
    def read(cls, path: Path) -> History:
        return cls(**json.loads(path.read_text()))

    @classmethod
    def of(cls, connection: Connection, instance: Instance, outside: Sequence[str]) -> History:
        """The journal of an instance, ready to be kept."""
        rows = connection.execute(
            select(ENTRIES).where(ENTRIES.c.instance_id == instance.id).order_by(ENTRIES.c.position)
        ).all()
        entries = [_spelled(row) for row in rows]
        return cls(
            definition=instance.definition,
            recorded_with=installed(EXECUTES),
            outside=list(outside),
            versions={version: _files_of(connection, version) for version in _versions(entries)},
            calendars=_calendars(connection, entries),
            instance=_columns(instance),
            entries=entries,
        )

    @property
    def way(self) -> frozenset[tuple[str, str, str]]:
        """What this history shows: version, kind of trace, element or flow; and version, command, element."""
        shown = {
            (self._version, kind, element) for entry in self.entries for kind, element, *_ in entry["body"]["trace"]
        }
        said = {(self._version, e["kind"], e["body"]["command"].get("element", "")) for e in self.entries}
        return frozenset(shown | said)

    @property
    def _version(self) -> str:
        return str(self.instance["version_id"])

    @property
    def name(self) -> str:
        """What its file is called; the same history has the same name."""
        return f"{self.definition}/{digest(dump(list(self.entries)))[:16]}.json"

    def keep(self, contents: Mapping[str, bytes]) -> Path:
        """Write it, and the files that are not kept yet; answers its path."""
        for key in {key for named in self.versions.values() for key in named.values()}:
            FILES.mkdir(exist_ok=True)
            if not (FILES / key).exists():
                (FILES / key).write_bytes(contents[key])
        path = FOLDER / self.name
        path.parent.mkdir(exist_ok=True)
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False, sort_keys=True) for entry in self.entries)
        head = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "entries"}
        said = json.dumps(head, ensure_ascii=False, indent=1, sort_keys=True)
        path.write_text(f'{said[:-2]},\n "entries": [\n{lines}\n]}}\n')
        return path

    def restore(self, connection: Connection) -> str:
        """Write the instance, its versions and its journal into an empty database; answers the instance's id."""
        key, at = self.instance["definition"], self.instance["started_at"]
        _write(connection, Definition, {"key": key, "name": key, "in_force": None})
        blobs = {name: (FILES / name).read_bytes() for named in self.versions.values() for name in named.values()}
        blobs |= {name: dump(days).encode() for name, days in self.calendars.items()}
        _write(connection, Blob, *({"digest": name, "body": data} for name, data in blobs.items()))
        for number, (version, named) in enumerate(self.versions.items(), 1):
            row = {"id": version, "definition": key, "number": number, "process": key, "deployed_by": "history"}
            _write(connection, Version, row | {"deployed_at": _moment(at)})
            _write(
                connection, VersionFile, *({"version_id": version, "path": p, "digest": d} for p, d in named.items())
            )
        _write(connection, Instance, {name: _read(name, value) for name, value in self.instance.items()})
        _write(connection, Entry, *({**e, "at": _moment(e["at"]), "body": dump(e["body"])} for e in self.entries))
        return str(self.instance["id"])


def histories() -> list[Path]:
    """Every history, by procedure."""
    return sorted(path for path in FOLDER.glob("*/*.json"))


def require_proven(history: History) -> None:
    """OtherLibrary unless the installed library recorded it, or is known to replay what another one recorded."""
    here = installed(EXECUTES)
    if here not in {history.recorded_with, *PROVEN.read_text().split()}:
        raise OtherLibrary(
            f"{history.name} was recorded under {EXECUTES} {history.recorded_with}, and {here} is installed. Matters "
            f"under way may take another course under it. Run: pytest tests/histories && make search. When every "
            f"history replays to the same bytes and the search finds nothing, add the line {here} to "
            f"{PROVEN.relative_to(FOLDER.parent.parent)}; otherwise keep {history.recorded_with}."
        )


def _versions(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for entry in entries:
        if version := entry["body"]["command"].get("version"):
            yield version


def _files_of(connection: Connection, version: str) -> dict[str, str]:
    rows = connection.execute(select(VersionFile.path, VersionFile.digest).where(VersionFile.version_id == version))
    return dict(sorted(rows.all()))


def _calendars(connection: Connection, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    named = sorted({entry["body"]["calendar"] for entry in entries})
    rows = connection.execute(select(Blob.digest, Blob.body).where(Blob.digest.in_(named)))
    return {key: json.loads(data) for key, data in sorted(rows.all())}


def _spelled(row: Any) -> dict[str, Any]:
    said = dict(row._mapping)
    read = json.loads(row.body)
    assert dump(read) == row.body, "an entry that is not spelled canonically cannot be kept as JSON"
    return said | {"at": row.at.astimezone(UTC).isoformat(), "body": read}


def _columns(instance: Instance) -> dict[str, Any]:
    values = {name: getattr(instance, name) for name in INSTANCES.columns.keys()}  # noqa: SIM118
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _read(name: str, value: Any) -> Any:
    return _moment(value) if name.endswith("_at") and value else value


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _write(connection: Connection, entity: Any, *rows: Mapping[str, Any]) -> None:
    connection.execute(insert(table(entity)), list(rows))
