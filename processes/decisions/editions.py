"""Versions of a decision table that an organisation makes for itself: proposed by one person, put in force by another.

An instance is started with the tables that count for its organisation at that moment and keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Definition, files, tables
from engine.canonical import digest
from engine.clock import new_id
from engine.db import Base
from engine.refusals import Finding, NotDeployable, Refusal
from processes.decisions import bounds as limits
from processes.decisions.bounds import BOUNDS, Bounds
from processes.decisions.refusals import (
    AlreadyDecided,
    ArticleMissing,
    CellWrong,
    EditionUnknown,
    NothingChanged,
    OwnProposal,
    ProposalOpen,
    ReasonOfChangeMissing,
    RowsMissing,
    TableFixed,
    TableIncomplete,
    TableUnknown,
)
from processes.organisation import Organisation, ancestry

PROPOSED, IN_FORCE, SUPERSEDED, REJECTED = "PROPOSED", "IN_FORCE", "SUPERSEDED", "REJECTED"
ARTICLE = re.compile("第[一二三四五六七八九十]+条")


class DecisionEdition(Base):
    """One version of a table by an organisation: the rows as DMN, who, when, why, and who decided.

    `body` None gives the table back to the organisation above. `base` is the digest of the table it was made from.
    """

    __tablename__ = "decision_editions"
    __table_args__ = (
        CheckConstraint("state IN ('PROPOSED', 'IN_FORCE', 'SUPERSEDED', 'REJECTED')", name="state"),
        UniqueConstraint("organisation", "decision", "number"),
        Index(
            "uq_decision_editions_in_force",
            "organisation",
            "decision",
            unique=True,
            sqlite_where=text("state = 'IN_FORCE'"),
            postgresql_where=text("state = 'IN_FORCE'"),
        ),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.code"))
    decision: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    body: Mapped[str | None] = mapped_column(Text)
    base: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(32))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(32))
    decided_at: Mapped[datetime | None]
    opinion: Mapped[str] = mapped_column(Text)

    @property
    def data(self) -> bytes | None:
        """The table as a DMN file."""
        return self.body.encode() if self.body is not None else None

    @classmethod
    def of(cls, session: Session, edition_id: str) -> DecisionEdition:
        """The version of that id, or EditionUnknown."""
        if found := session.get(cls, edition_id):
            return found
        raise EditionUnknown(what="edition", key=edition_id)

    @classmethod
    def history(cls, session: Session, organisation: str, decision: str) -> list[DecisionEdition]:
        """Every version that an organisation made of a table, the newest first."""
        query = select(cls).where(cls.organisation == organisation, cls.decision == decision)
        return list(session.scalars(query.order_by(cls.number.desc())))

    @classmethod
    def open_ones(cls, session: Session) -> list[DecisionEdition]:
        """What waits for a decision, oldest first."""
        return list(session.scalars(select(cls).where(cls.state == PROPOSED).order_by(cls.proposed_at, cls.id)))

    @classmethod
    def in_force(cls, session: Session, organisations: Sequence[str]) -> dict[tuple[str, str], DecisionEdition]:
        """(organisation, decision) → the version in force."""
        query = select(cls).where(cls.state == IN_FORCE, cls.organisation.in_(organisations), cls.body.is_not(None))
        return {(found.organisation, found.decision): found for found in session.scalars(query)}


@dataclass(frozen=True, slots=True)
class Standing:
    """The table that counts for an organisation: the bytes, whose version it is (None: the procedure's own), and the
    versions nearer to the organisation that are set aside because the table above them has become stricter."""

    data: bytes
    edition: DecisionEdition | None
    set_aside: tuple[DecisionEdition, ...] = ()


def shipped(session: Session) -> dict[str, bytes]:
    """Decision → the table in the procedures in force; the first by key where several have it."""
    found: dict[str, bytes] = {}
    versions = select(Definition.in_force).where(Definition.in_force.is_not(None)).order_by(Definition.key)
    for version in session.scalars(versions).all():
        for path, data in files(session.connection(), str(version)).items():
            if path.endswith(".dmn"):
                found.setdefault(tables.read_table(data).id, data)
    return found


def standing(session: Session, organisation: str, data: bytes) -> Standing:
    """The table that counts for an organisation, from the procedure's own downwards through its superiors."""
    line = [above.code for above in reversed(ancestry(session, organisation))]
    return _standing(line, DecisionEdition.in_force(session, line), data)


def _standing(line: Iterable[str], editions: Mapping[tuple[str, str], DecisionEdition], data: bytes) -> Standing:
    decision, now, aside = tables.read_table(data).id, Standing(data, None), list[DecisionEdition]()
    for code in line:
        edition = editions.get((code, decision))
        if edition is None or edition.data is None:
            continue
        if _fits(now.data, edition.data):
            now = Standing(edition.data, edition)
        else:
            aside.append(edition)
    return Standing(now.data, now.edition, tuple(aside))


@lru_cache(maxsize=1024)
def _fits(above: bytes, own: bytes) -> bool:
    try:
        _check(above, own)
    except Refusal:
        return False
    return True


def tailor(session: Session, version: str, organisation: str) -> dict[str, bytes]:
    """The tables that an organisation puts in the place of those of a version: path → DMN; usually none."""
    if session.scalar(select(DecisionEdition.id).where(DecisionEdition.state == IN_FORCE).limit(1)) is None:
        return {}
    if session.get(Organisation, organisation) is None:
        return {}
    line = [above.code for above in reversed(ancestry(session, organisation))]
    editions = DecisionEdition.in_force(session, line)
    own = {path: data for path, data in files(session.connection(), version).items() if path.endswith(".dmn")}
    counting = {path: _standing(line, editions, data).data for path, data in own.items()} if editions else {}
    return {path: data for path, data in counting.items() if data != own[path]}


# -- changing


def propose(
    session: Session,
    organisation: str,
    decision: str,
    rows: Sequence[tables.Row] | None,
    *,
    by: str,
    at: datetime,
    reason: str,
) -> DecisionEdition:
    """Propose other rows for a table, or with None to give it back to the organisation above. Somebody else decides."""
    code = Organisation.of(session, organisation).code
    if not reason.strip():
        raise ReasonOfChangeMissing
    if any(each.state == PROPOSED for each in DecisionEdition.history(session, code, decision)):
        raise ProposalOpen(what=decision)
    above = _above(session, code, decision)
    body = None if rows is None else _drawn(above, rows)
    if body is not None:
        _check(above, body)
    if _is_known(session, code, decision, body):
        raise NothingChanged
    edition = DecisionEdition(
        id=new_id(),
        organisation=code,
        decision=decision,
        number=_next(session, code, decision),
        body=body.decode() if body is not None else None,
        base=digest(above),
        state=PROPOSED,
        reason=reason.strip(),
        proposed_by=by,
        proposed_at=at,
        opinion="",
    )
    session.add(edition)
    session.flush()
    return edition


def approve(session: Session, edition: DecisionEdition, *, by: str, at: datetime, opinion: str = "") -> None:
    """Put a proposal in force for what starts from now on. OwnProposal, AlreadyDecided; the bounds are asked again."""
    _decide(session, edition, by, at, opinion)
    if edition.data is not None:
        _check(_above(session, edition.organisation, edition.decision), edition.data)
    for earlier in DecisionEdition.history(session, edition.organisation, edition.decision):
        if earlier.state == IN_FORCE:
            earlier.state = SUPERSEDED
    session.flush()
    edition.state = IN_FORCE
    session.flush()


def reject(session: Session, edition: DecisionEdition, *, by: str, at: datetime, opinion: str) -> None:
    """Turn a proposal down with an opinion; it stays readable."""
    _decide(session, edition, by, at, opinion)
    edition.state = REJECTED
    session.flush()


def _decide(session: Session, edition: DecisionEdition, by: str, at: datetime, opinion: str) -> None:
    session.refresh(edition, with_for_update=True)
    if edition.state != PROPOSED:
        raise AlreadyDecided(what=edition.decision)
    if by == edition.proposed_by:
        raise OwnProposal(reason="")
    edition.decided_by, edition.decided_at, edition.opinion = by, at, opinion.strip()


def _above(session: Session, organisation: str, decision: str) -> bytes:
    """The table that counts for the organisation above, or the procedure's own for the root."""
    found = shipped(session).get(decision)
    if found is None:
        raise TableUnknown(what="decision table", key=decision)
    superior = Organisation.of(session, organisation).parent
    return standing(session, superior, found).data if superior else found


def _is_known(session: Session, organisation: str, decision: str, body: bytes | None) -> bool:
    """Do these rows count already, or is there nothing to give back?"""
    own = DecisionEdition.in_force(session, [organisation]).get((organisation, decision))
    if body is None:
        return own is None
    now = standing(session, organisation, shipped(session)[decision]).data
    return tables.read_table(body).rows == tables.read_table(now).rows


def _next(session: Session, organisation: str, decision: str) -> int:
    query = select(func.max(DecisionEdition.number))
    made = query.where(DecisionEdition.organisation == organisation, DecisionEdition.decision == decision)
    return (session.scalar(made) or 0) + 1


def _drawn(above: bytes, rows: Sequence[tables.Row]) -> bytes:
    """The table above with these rows; each cites an article and has only answers that the table knows."""
    if not rows:
        raise RowsMissing
    table, rows = tables.read_table(above), [tables.normal(row) for row in rows]
    for number, row in enumerate(rows, 1):
        if not ARTICLE.search(row.note):
            raise ArticleMissing(row=number)
        for column, said in zip(table.outputs, row.outputs, strict=True):
            if column.values and said not in column.values:
                raise CellWrong(row=number, reason=f"{column.label}: {said or '–'} ∉ {', '.join(column.values)}")
    return tables.with_rows(above, rows)


def _check(above: bytes, own: bytes) -> None:
    """Refuse a table that is incomplete, asks something else, or is looser than the one above it."""
    table = tables.read_table(above)
    bounds = BOUNDS.get(table.id)
    if bounds is None or bounds.is_within is None:
        raise TableFixed(reason="", table=table.name, article=_why_fixed(bounds))
    if tables.read_table(own).shape != table.shape:
        raise TableIncomplete(reason=table.name)
    try:
        compiled = tables.compiled(own)
    except NotDeployable as refusal:
        raise TableIncomplete(reason="; ".join(map(_said, refusal.findings))) from None
    limits.check(bounds, tables.compiled(above), compiled, [row.note for row in table.rows])


def _why_fixed(bounds: Bounds | None) -> str:
    return bounds.rule_zh if bounds else "–"


def _said(finding: Finding) -> str:
    return finding.message.format(**finding.parameters)
