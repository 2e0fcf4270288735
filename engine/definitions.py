"""Definitions and their versions. A version is immutable and known by the digest of its files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from engine.bpmn import Program, compile_version
from engine.calendar import Calendar
from engine.canonical import digest, dump
from engine.db import Transaction, table
from engine.refusals import Finding, NotDeployable, NotFound, Suspended
from engine.schema import Blob, Definition, Version, VersionFile

DEFINITIONS, VERSIONS = table(Definition), table(Version)

FormCheck = Callable[[str, bytes], Sequence[Finding]]
"""Path and bytes of a form → what is wrong with it."""

Examine = Callable[[Program, Mapping[str, bytes]], Sequence[Finding]]
"""A compiled version and its files → the rules that it breaks."""

Files = Mapping[str, bytes]
"""Relative name → bytes: diagrams (*.bpmn), decision tables (*.dmn), forms (*.form.json)."""


class Definitions:
    """Deploys versions and answers their compiled programs."""

    def __init__(
        self, services: Sequence[str], check_form: FormCheck, examine: Examine = lambda program, given: []
    ) -> None:
        self.services = services
        self.check_form = check_form
        self.examine = examine
        self.programs: dict[str, Program] = {}
        self.calendars: dict[str, Calendar] = {}

    def deploy(self, session: Session, files: Files, by: str, at: datetime) -> Version:
        """Keep files that were examined as a version and put it in force. The same files again are the same version."""
        program = self.compile(files)
        version_id = version_digest(files)
        version = session.get(Version, version_id) or self._add(session, version_id, program, files, by, at)
        definition = session.get_one(Definition, program.process_id)
        definition.name, definition.in_force = program.name, version.id
        session.flush()
        return version

    def derive(self, session: Session, base_id: str, changed: Files, at: datetime) -> str:
        """The version that has `changed` in the place of files of `base_id`; kept once, never in force by itself.

        NotDeployable names every finding.
        """
        given = {**files(session.connection(), base_id), **changed}
        version_id = version_digest(given)
        if session.get(Version, version_id) is None:
            base = session.get_one(Version, base_id)
            self._add(session, version_id, self.examined(given), given, base.deployed_by, at, base_id)
            session.flush()
        return version_id

    def compile(self, given: Files) -> Program:
        """The program of these files with their forms checked. NotDeployable names every finding."""
        wrong = [
            finding
            for path in sorted(given)
            if path.endswith(".json")
            for finding in self.check_form(path, given[path])
        ]
        try:
            program = compile_version(given, self.services)
        except NotDeployable as refusal:
            raise NotDeployable([*refusal.findings, *wrong]) from None
        if any(finding.level == "error" for finding in wrong):
            raise NotDeployable(wrong)
        return program

    def examined(self, given: Files) -> Program:
        """The program of these files, which keeps every rule. NotDeployable names every finding."""
        program = self.compile(given)
        if wrong := self.examine(program, given):
            raise NotDeployable(wrong)
        return program

    def in_force(self, session: Transaction, key: str) -> str:
        """The id of the version that new instances of `key` take; NotFound for a key nobody deployed."""
        found = session.first(_IN_FORCE, {"key": key})
        if found is None:
            raise NotFound(what="procedure", key=key)
        if found.suspended_at is not None:
            raise Suspended(what=found.name)
        return str(found.id)

    def program(self, connection: Connection, version_id: str) -> Program:
        """The compiled version; compiled once in a process."""
        if version_id not in self.programs:
            self.programs[version_id] = compile_version(files(connection, version_id), self.services)
        return self.programs[version_id]

    def form(self, connection: Connection, version_id: str, path: str) -> bytes:
        """A form of a version."""
        return self.program(connection, version_id).forms[path]

    def keep_calendar(self, session: Transaction, calendar: Calendar) -> None:
        """Store the calendar by its digest, once, so that an entry can name it."""
        if calendar.digest in self.calendars:
            return
        keep_blob(session, calendar.digest, dump(dict(calendar.exceptions)).encode())
        session.flush()
        session.after_commit(lambda: self.calendars.update({calendar.digest: calendar}))

    def calendar(self, connection: Connection, calendar_digest: str) -> Calendar:
        """The calendar that an entry names."""
        if calendar_digest not in self.calendars:
            body = connection.execute(select(Blob.body).where(Blob.digest == calendar_digest)).scalar()
            if body is None:
                raise NotFound(what="calendar", key=calendar_digest)
            self.calendars[calendar_digest] = Calendar(json.loads(body))
        return self.calendars[calendar_digest]

    def _add(
        self,
        session: Session,
        version_id: str,
        program: Program,
        given: Files,
        by: str,
        at: datetime,
        base: str | None = None,
    ) -> Version:
        key = program.process_id
        if session.get(Definition, key) is None:
            session.add(Definition(key=key, name=program.name, in_force=None))
            session.flush()
        number = session.scalar(select(func.max(Version.number)).where(Version.definition == key)) or 0
        version = Version(
            id=version_id,
            definition=key,
            number=number + 1,
            process=key,
            deployed_at=at,
            deployed_by=by,
            base=base,
            suspended_at=None,
        )
        session.add(version)
        for data in given.values():
            keep_blob(session, digest(data), data)
        session.flush()
        session.add_all(VersionFile(version_id=version_id, path=p, digest=digest(d)) for p, d in given.items())
        return version


def files(connection: Connection, version_id: str) -> dict[str, bytes]:
    """The files of a version; NotFound where there is none."""
    query = select(VersionFile.path, Blob.body).join(Blob, Blob.digest == VersionFile.digest)
    found = {path: bytes(body) for path, body in connection.execute(query.where(VersionFile.version_id == version_id))}
    if not found:
        raise NotFound(what="version", key=version_id)
    return found


def version_digest(given: Files) -> str:
    """What a version is known by: the digest over the names and digests of its files."""
    return digest(dump({path: digest(data) for path, data in given.items()}))


def keep_blob(session: Session, key: str, data: bytes) -> None:
    """Store bytes under their digest, once, whoever else is storing them at this moment."""
    if session.get(Blob, key) is None:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(insert(Blob).values(digest=key, body=data).on_conflict_do_nothing())


_IN_FORCE = (
    select(VERSIONS.c.id, VERSIONS.c.suspended_at, DEFINITIONS.c.name)
    .join(VERSIONS, VERSIONS.c.id == DEFINITIONS.c.in_force)
    .where(DEFINITIONS.c.key == bindparam("key"))
)
