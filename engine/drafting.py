"""Drafts of versions: who drew what and when, saved so that two designers never overwrite each other.

A draft becomes a version by a request and the approval of somebody who neither drew nor requested it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, delete, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.bpmn import parse_xml
from engine.canonical import digest
from engine.clock import new_id
from engine.core import Engine
from engine.db import Base
from engine.definitions import files as files_of_version
from engine.definitions import keep_blob, version_digest
from engine.refusals import Finding, NotAllowed, NotDeployable, NotFound, NotOpen, ReasonMissing, Refusal
from engine.schema import Blob, Definition, Version

ENDINGS = (".bpmn", ".dmn", ".form.json")
LARGEST = 5_000_000
MOST_FILES = 200
PATH = re.compile(r"^[\w\-]+(?:[\w\-.]*)(?:/[\w\-]+[\w\-.]*)*$")
OPEN, REQUESTED, DEPLOYED, WITHDRAWN = "open", "requested", "deployed", "withdrawn"


class Outdated(Refusal):
    """{by} saved "{path}" at {at} after you had opened it. Nothing was overwritten: load it again, or save over it."""


class WrongName(Refusal):
    """ "{path}" cannot be the name of a file here. Diagrams end in .bpmn, tables in .dmn, forms in .form.json."""


class TooLarge(Refusal):
    """ "{path}" is larger than {most} bytes. Nothing was kept of it."""


class TooMany(Refusal):
    """A procedure has at most {most} files."""


class SamePerson(NotAllowed):
    """Whoever drew or requested a version cannot approve it. Please ask a colleague who deploys procedures."""


class OtherProcedure(Refusal):
    """The main process of this draft is "{found}", but it is a draft of "{expected}". Give the process its id back."""


class AlreadyRequested(NotOpen):
    """{by} already requested the deployment of this draft at {at}."""


class ProcedureDraft(Base):
    """A version being drawn. `definition` and `base` say what it was taken from; both None for a new procedure.

    state: open | requested | deployed | withdrawn. A draft is never deleted.
    """

    __tablename__ = "procedure_drafts"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    definition: Mapped[str | None] = mapped_column(ForeignKey("definitions.key"))
    base: Mapped[str | None] = mapped_column(ForeignKey("versions.id"))
    state: Mapped[str]
    by: Mapped[str]
    created_at: Mapped[datetime]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class DraftFile(Base):
    """A file of a draft as it stands."""

    __tablename__ = "procedure_draft_files"
    draft_id: Mapped[str] = mapped_column(ForeignKey("procedure_drafts.id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("blobs.digest"))
    size: Mapped[int]
    is_inherited: Mapped[bool]
    by: Mapped[str]
    at: Mapped[datetime]


class DraftChange(Base):
    """One saved state of one file, in the order of `number`; no digest: the file was taken out."""

    __tablename__ = "procedure_draft_changes"
    draft_id: Mapped[str] = mapped_column(ForeignKey("procedure_drafts.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    digest: Mapped[str | None] = mapped_column(ForeignKey("blobs.digest"))
    size: Mapped[int]
    by: Mapped[str]
    at: Mapped[datetime]


class DeploymentRequest(Base):
    """Somebody asks that a draft be put in force. `digest` pins its files.

    state: open | approved | rejected | recalled.
    """

    __tablename__ = "deployment_requests"
    __table_args__ = (
        Index(
            "uq_deployment_requests_open",
            "draft_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("procedure_drafts.id"))
    digest: Mapped[str]
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text)
    against: Mapped[str | None]
    """The version that was in force when it was decided."""
    version_id: Mapped[str | None] = mapped_column(ForeignKey("versions.id"))


# -- drafts


def drafts(session: Session) -> list[ProcedureDraft]:
    """The drafts that are worked on or wait for approval, the last changed first."""
    wanted = ProcedureDraft.state.in_((OPEN, REQUESTED))
    return list(session.scalars(select(ProcedureDraft).where(wanted).order_by(ProcedureDraft.changed_at.desc())))


def find(session: Session, draft_id: str) -> ProcedureDraft:
    """The draft; NotFound where there is none."""
    draft = session.get(ProcedureDraft, draft_id)
    if draft is None:
        raise NotFound(what="draft", key=draft_id)
    return draft


def begin(session: Session, title: str, files: Mapping[str, bytes], by: str, at: datetime) -> ProcedureDraft:
    """A draft of a new procedure with these files."""
    draft = _new(session, title, None, None, by, at)
    for path, data in sorted(files.items()):
        save(session, draft.id, path, data, None, by, at)
    return draft


def begin_from(session: Session, version_id: str, title: str, by: str, at: datetime) -> ProcedureDraft:
    """A draft that starts with the files of a version."""
    version = session.get(Version, version_id)
    if version is None:
        raise NotFound(what="version", key=version_id)
    draft = _new(session, title, version.definition, version.id, by, at)
    for path, data in sorted(files_of_version(session.connection(), version_id).items()):
        _put(session, draft, path, data, by, at, is_inherited=True)
    return draft


def _new(
    session: Session, title: str, definition: str | None, base: str | None, by: str, at: datetime
) -> ProcedureDraft:
    draft = ProcedureDraft(
        id=new_id(),
        title=title.strip()[:120],
        definition=definition,
        base=base,
        state=OPEN,
        by=by,
        created_at=at,
        changed_by=by,
        changed_at=at,
    )
    session.add(draft)
    session.flush()
    return draft


def rename(session: Session, draft_id: str, title: str) -> ProcedureDraft:
    """Another title."""
    draft = lock(session, draft_id)
    draft.title = title.strip()[:120] or draft.title
    return draft


def withdraw(session: Session, draft_id: str, by: str, at: datetime) -> ProcedureDraft:
    """Put a draft away. It stays readable and nothing of it is lost."""
    draft = lock(session, draft_id)
    draft.state, draft.changed_by, draft.changed_at = WITHDRAWN, by, at
    return draft


def lock(session: Session, draft_id: str) -> ProcedureDraft:
    """The draft, its row locked; NotOpen unless it may be changed."""
    draft = session.get(ProcedureDraft, draft_id, with_for_update=True)
    if draft is None:
        raise NotFound(what="draft", key=draft_id)
    if draft.state != OPEN:
        raise NotOpen(what=draft.title)
    return draft


# -- files


def files(session: Session, draft_id: str) -> dict[str, bytes]:
    """Path → bytes of the draft as it stands."""
    query = select(DraftFile.path, Blob.body).join(Blob, Blob.digest == DraftFile.digest)
    rows = session.execute(query.where(DraftFile.draft_id == draft_id).order_by(DraftFile.path))
    return {path: bytes(body) for path, body in rows}


def listed(session: Session, draft_id: str) -> list[DraftFile]:
    """The files of a draft without their bytes."""
    return list(session.scalars(select(DraftFile).where(DraftFile.draft_id == draft_id).order_by(DraftFile.path)))


def history(session: Session, draft_id: str, path: str | None = None) -> list[DraftChange]:
    """Every saved state, the newest first."""
    query = select(DraftChange).where(DraftChange.draft_id == draft_id).order_by(DraftChange.number.desc())
    return list(session.scalars(query if path is None else query.where(DraftChange.path == path)))


def read(session: Session, draft_id: str, path: str, wanted: str | None = None) -> tuple[str, bytes]:
    """Digest and bytes of a file, or of an older state of it; NotFound where there is none."""
    row = session.get(DraftFile, (draft_id, path))
    known = wanted or (row.digest if row else None)
    states = select(DraftChange.digest).where(DraftChange.draft_id == draft_id, DraftChange.path == path)
    blob = session.get(Blob, known) if known and known in set(session.scalars(states)) else None
    if blob is None:
        raise NotFound(what="file", key=path)
    return blob.digest, bytes(blob.body)


def save(
    session: Session, draft_id: str, path: str, data: bytes, expected: str | None, by: str, at: datetime
) -> DraftFile:
    """Save a file over the state with the digest `expected`; None: there is no such file yet.

    Outdated names who saved in between. The same bytes again change nothing.
    """
    draft = lock(session, draft_id)
    check_file(path, data)
    row = session.get(DraftFile, (draft_id, path))
    if row is not None and row.digest == digest(data):
        return row
    if (row.digest if row else None) != expected:
        raise _outdated(session, draft, path, row)
    return _put(session, draft, path, data, by, at)


def remove(session: Session, draft_id: str, path: str, expected: str, by: str, at: datetime) -> None:
    """Take a file out of the draft; its states stay in the history."""
    draft = lock(session, draft_id)
    row = session.get(DraftFile, (draft_id, path))
    if row is None or row.digest != expected:
        raise _outdated(session, draft, path, row)
    session.execute(delete(DraftFile).where(DraftFile.draft_id == draft_id, DraftFile.path == path))
    session.expunge(row)
    _note(session, draft, path, None, 0, by, at)


def check_file(path: str, data: bytes) -> None:
    """WrongName, TooLarge, or NotDeployable where the bytes are not well-formed; what they say is checked later."""
    if not path.endswith(ENDINGS) or not PATH.match(path) or len(path) > 200:
        raise WrongName(path=path[:200])
    if len(data) > LARGEST:
        raise TooLarge(path=path, most=LARGEST)
    if path.endswith(".form.json"):
        _check_json(path, data)
    else:
        _check_kind(path, parse_xml(data, path))


def _check_json(path: str, data: bytes) -> None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        message = "This is not well-formed JSON: {reason}"
        raise NotDeployable([Finding(path, "json", message, line=line, parameters={"reason": str(error)})]) from None
    if not isinstance(found, dict):
        raise NotDeployable([Finding(path, "json.form", "This is not a form.")])


def _check_kind(path: str, root: object) -> None:
    """A table saved as a diagram, or any other XML, is refused by name."""
    wanted = "/BPMN/" if path.endswith(".bpmn") else "/DMN/"
    tag = str(getattr(root, "tag", ""))
    if wanted not in tag or not tag.endswith("}definitions"):
        what = "BPMN 2.0 diagram" if wanted == "/BPMN/" else "DMN decision table"
        raise NotDeployable(
            [Finding(path, "xml.kind", "This is XML, but no {what}.", line=1, parameters={"what": what})]
        )


def _outdated(session: Session, draft: ProcedureDraft, path: str, row: DraftFile | None) -> Refusal:
    last = next(iter(history(session, draft.id, path)), None)
    by, at = (last.by, last.at) if last else (draft.changed_by, draft.changed_at)
    return Outdated(path=path, by=by, at=at, digest=row.digest if row else None)


def _put(
    session: Session, draft: ProcedureDraft, path: str, data: bytes, by: str, at: datetime, is_inherited: bool = False
) -> DraftFile:
    key = digest(data)
    keep_blob(session, key, data)
    session.flush()
    row = session.get(DraftFile, (draft.id, path))
    if row is None:
        _room_for_one(session, draft)
        row = DraftFile(draft_id=draft.id, path=path)
        session.add(row)
    row.digest, row.size, row.is_inherited, row.by, row.at = key, len(data), is_inherited, by, at
    _note(session, draft, path, key, len(data), by, at)
    return row


def _room_for_one(session: Session, draft: ProcedureDraft) -> None:
    count = session.scalar(select(func.count()).select_from(DraftFile).where(DraftFile.draft_id == draft.id)) or 0
    if count >= MOST_FILES:
        raise TooMany(most=MOST_FILES)


def _note(
    session: Session, draft: ProcedureDraft, path: str, key: str | None, size: int, by: str, at: datetime
) -> None:
    last = session.scalar(select(func.max(DraftChange.number)).where(DraftChange.draft_id == draft.id)) or 0
    change = DraftChange(draft_id=draft.id, number=last + 1, path=path, digest=key, size=size, by=by, at=at)
    session.add(change)
    draft.changed_by, draft.changed_at = by, at
    session.flush()


# -- deployment


def request(session: Session, engine: Engine, draft_id: str, note: str, by: str, at: datetime) -> DeploymentRequest:
    """Ask that the draft be put in force. NotDeployable while it has mistakes; the draft rests until it is decided."""
    waiting = open_request(session, draft_id)
    if waiting is not None:
        raise AlreadyRequested(by=waiting.by, at=waiting.at, what="")
    draft = lock(session, draft_id)
    given = files(session, draft_id)
    _must_be(draft, engine.definitions.examined(given).process_id)
    asked = DeploymentRequest(
        id=new_id(),
        draft_id=draft_id,
        digest=version_digest(given),
        note=note.strip(),
        by=by,
        at=at,
        state="open",
        reason="",
    )
    draft.state = REQUESTED
    session.add(asked)
    session.flush()
    return asked


def approve(session: Session, engine: Engine, request_id: str, by: str, at: datetime, reason: str = "") -> Version:
    """Put the requested version in force. SamePerson for whoever drew or requested it."""
    asked, draft = _deciding(session, request_id)
    if by in authors(session, draft.id) | {asked.by}:
        raise SamePerson(reason="")
    given = files(session, draft.id)
    if version_digest(given) != asked.digest:
        raise NotOpen(what=draft.title)
    key = engine.definitions.compile(given).process_id
    _must_be(draft, key)
    before = session.get(Definition, key)
    asked.against = before.in_force if before else None
    version = engine.deploy(given, by, session)
    _decide(asked, "approved", by, at, reason)
    asked.version_id, draft.state, draft.definition = version.id, DEPLOYED, version.definition
    return version


def reject(session: Session, request_id: str, by: str, at: datetime, reason: str) -> DeploymentRequest:
    """Send the draft back with a reason; its designers go on with it."""
    if not reason.strip():
        raise ReasonMissing
    return _send_back(session, request_id, "rejected", by, at, reason)


def recall(session: Session, request_id: str, by: str, at: datetime) -> DeploymentRequest:
    """Take one's request back."""
    asked, _ = _deciding(session, request_id)
    if asked.by != by:
        raise NotAllowed(reason="")
    return _send_back(session, request_id, "recalled", by, at, "")


def find_request(session: Session, request_id: str) -> DeploymentRequest:
    """The request; NotFound where there is none."""
    asked = session.get(DeploymentRequest, request_id)
    if asked is None:
        raise NotFound(what="request", key=request_id)
    return asked


def open_request(session: Session, draft_id: str) -> DeploymentRequest | None:
    """The request that waits for a decision."""
    query = select(DeploymentRequest).where(DeploymentRequest.draft_id == draft_id, DeploymentRequest.state == "open")
    return session.scalar(query)


def requests(session: Session, draft_id: str | None = None) -> Sequence[DeploymentRequest]:
    """The requests of a draft, or all that wait; the newest first."""
    query = select(DeploymentRequest).order_by(DeploymentRequest.at.desc())
    if draft_id is None:
        return session.scalars(query.where(DeploymentRequest.state == "open")).all()
    return session.scalars(query.where(DeploymentRequest.draft_id == draft_id)).all()


def authors(session: Session, draft_id: str) -> set[str]:
    """Everybody who began the draft or saved a file of it."""
    drew = set(session.scalars(select(DraftChange.by).where(DraftChange.draft_id == draft_id).distinct()))
    return drew | {find(session, draft_id).by}


def _must_be(draft: ProcedureDraft, found: str) -> None:
    if draft.definition is not None and found != draft.definition:
        raise OtherProcedure(found=found, expected=draft.definition)


def _deciding(session: Session, request_id: str) -> tuple[DeploymentRequest, ProcedureDraft]:
    asked = session.get(DeploymentRequest, request_id, with_for_update=True)
    if asked is None:
        raise NotFound(what="request", key=request_id)
    draft = find(session, asked.draft_id)
    if asked.state != "open":
        raise NotOpen(what=draft.title)
    return asked, draft


def _decide(asked: DeploymentRequest, state: str, by: str, at: datetime, reason: str) -> None:
    asked.state, asked.decided_by, asked.decided_at, asked.reason = state, by, at, reason.strip()


def _send_back(session: Session, request_id: str, state: str, by: str, at: datetime, reason: str) -> DeploymentRequest:
    asked, draft = _deciding(session, request_id)
    _decide(asked, state, by, at, reason)
    draft.state = OPEN
    return asked
