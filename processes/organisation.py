"""Who is who: the organisations of Article 3, their people, and the posts that people hold for a period."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Select, String, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import new_id
from engine.db import Base
from engine.refusals import NotFound, Refusal


class OrganisationUnknown(NotFound):
    """There is no organisation "{key}"."""


class PersonUnknown(NotFound):
    """There is no person "{key}"."""


class ChoiceUnknown(NotFound):
    """The value "{key}" is not among the choices for {what}."""


class NameMissing(Refusal):
    """A name is required."""


class CodeUnfit(Refusal):
    """The code "{code}" does not fit: use 1 to 32 small letters, digits, dots and hyphens, beginning with a letter."""


class CodeTaken(Refusal):
    """The code "{code}" is already in use."""


class LoginTaken(Refusal):
    """The sign-in name "{login}" is already in use."""


class OwnAncestor(Refusal):
    """{name} cannot be placed under itself or under an organisation of its own."""


class SecondRoot(Refusal):
    """{name} needs a superior organisation: only one organisation has none."""


class PeriodBackwards(Refusal):
    """The period ends on {until}, before it begins on {since}."""


class AlreadyAppointed(Refusal):
    """{name} already holds this post in that period, since {since}."""


class AdministratorsDisjoint(Refusal):
    """{name} holds the post {held} in that period. The system, security and audit administrators must be different
    people."""


@dataclass(frozen=True, slots=True)
class Post:
    """A function that a person holds in an organisation.

    A post that `serves` may sit in a department of the organisation for which it acts: the spokesperson is the head
    of the propaganda department (Art. 13) and speaks for the whole committee.
    """

    code: str
    zh: str
    en: str
    serves: bool = False


POSTS: Mapping[str, Post] = {
    post.code: post
    for post in (
        Post("handler", "承办人", "Handler"),
        Post("co_unit_confirmer", "协同单位确认人", "Co-unit confirmer"),
        Post("principal_officer", "主要负责人（审核）", "Principal officer (review)"),
        Post("sco_reviewer", "保密委员会办公室审查人", "Secrecy committee office reviewer", serves=True),
        Post("head_approver", "党组织主要负责人（审批）", "Head of the Party organisation (approval)"),
        Post("collective_secretary", "领导班子会议秘书", "Secretary to the leading body"),
        Post("superior_approver", "上一级组织审批人", "Superior organisation's approver", serves=True),
        Post("publisher", "发布人", "Publisher", serves=True),
        Post("spokesperson", "新闻发言人", "Spokesperson", serves=True),
        Post("archivist", "档案管理员", "Archivist", serves=True),
        Post("desk_officer", "党务公开专责人员", "Disclosure desk officer"),
        Post("catalogue_keeper", "目录管理员", "Catalogue keeper", serves=True),
        Post("pco_coordinator", "党委办公室统筹人", "Party committee office coordinator", serves=True),
        Post("disclosure_supervisor", "党务公开监督员", "Disclosure supervisor", serves=True),
        Post("discipline_officer", "纪检干部", "Discipline officer", serves=True),
        Post("process_designer", "流程设计员", "Process designer"),
        Post("process_deployer", "流程发布审批人", "Process deployer"),
        Post("auditor", "审计员", "Auditor"),
        Post("system_admin", "系统管理员", "System administrator"),
        Post("security_admin", "安全管理员", "Security administrator"),
        Post("audit_admin", "审计管理员", "Audit administrator"),
    )
}
"""Post code → post (domain.md §1.3)."""

ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})

PARTY_ORG = "PARTY_ORG"
KINDS: Mapping[str, tuple[str, str]] = {
    PARTY_ORG: ("党组织", "Party organisation"),
    "WORKING_DEPARTMENT": ("职能工作部门", "Working department"),
    "DISCIPLINE_BODY": ("纪律检查机关", "Discipline body"),
}
RELATIONS: Mapping[str, tuple[str, str]] = {
    "SUBORDINATE": ("隶属", "Subordinate"),
    "APPLIES_BY_REFERENCE": ("参照执行", "Applies by reference"),
}
UNIT_KINDS: Mapping[str, tuple[str, str]] = {
    "TEACHING": ("教育教学", "Teaching"),
    "RESEARCH": ("科学研究", "Research"),
    "ADMIN": ("管理服务", "Administration"),
    "CLINICAL": ("医护医技", "Clinical"),
    "STUDENT": ("学生", "Students"),
    "RETIREE": ("离退休", "Retirees"),
}
"""Code → (zh, en); Art. 3 and Art. 4(5)."""


def _one_of(column: str, codes: Iterable[str]) -> str:
    return f"{column} IN (" + ", ".join(f"'{code}'" for code in codes) + ")"


class Organisation(Base):
    """A Party organisation, a working department or a discipline body; together they form one tree (Art. 3)."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("relation", RELATIONS), name="relation"),
        CheckConstraint("parent <> code", name="own_parent"),
    )

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(24))
    parent: Mapped[str | None] = mapped_column(ForeignKey("organisations.code"), index=True)
    relation: Mapped[str] = mapped_column(String(24), default="SUBORDINATE")
    unit_kind: Mapped[str | None] = mapped_column(String(16))

    @classmethod
    def add(
        cls,
        session: Session,
        code: str,
        name: str,
        kind: str,
        parent: str | None = None,
        relation: str = "SUBORDINATE",
        unit_kind: str | None = None,
    ) -> Organisation:
        """A new organisation under `parent`; the first one has none. Raises a refusal that names what is wrong."""
        if not re.fullmatch(r"[a-z][a-z0-9.-]{0,31}", code):
            raise CodeUnfit(code=code)
        if session.get(cls, code):
            raise CodeTaken(code=code)
        if parent is None and session.scalar(select(cls.code).where(cls.parent.is_(None))):
            raise SecondRoot(name=name)
        _known("kind", kind, KINDS)
        _known("relation", relation, RELATIONS)
        _known("unit kind", unit_kind, [None, *UNIT_KINDS])
        above = cls.of(session, parent).code if parent else None
        organisation = cls(code=code, name=named(name), kind=kind, parent=above, relation=relation, unit_kind=unit_kind)
        session.add(organisation)
        session.flush()
        return organisation

    @classmethod
    def of(cls, session: Session, code: str) -> Organisation:
        """The organisation with this code, or `OrganisationUnknown`."""
        if organisation := session.get(cls, code):
            return organisation
        raise OrganisationUnknown(what="organisation", key=code)

    @classmethod
    def all(cls, session: Session) -> list[Organisation]:
        """Every organisation, by code."""
        return list(session.scalars(select(cls).order_by(cls.code)))

    @classmethod
    def names(cls, session: Session) -> dict[str, str]:
        """Code → name of every organisation, in the order of codes."""
        return dict(session.execute(select(cls.code, cls.name).order_by(cls.code)).all())

    @classmethod
    def root(cls, session: Session) -> Organisation:
        """The organisation that has no superior in the system, or `OrganisationUnknown`."""
        if organisation := session.scalar(select(cls).where(cls.parent.is_(None))):
            return organisation
        raise OrganisationUnknown(what="organisation", key="root")

    def rename(self, session: Session, name: str) -> None:
        """Give it another name."""
        self.name = named(name)
        session.flush()

    def move(self, session: Session, parent: str) -> None:
        """Place it, with everything under it, under another organisation. `OwnAncestor` if that lies under itself."""
        if parent in subtree(session, self.code):
            raise OwnAncestor(name=self.name)
        if self.parent is None:
            raise SecondRoot(name=self.name)
        self.parent = Organisation.of(session, parent).code
        session.flush()


class Person(Base):
    """Somebody who signs in or is addressed. `organisation` is where the person belongs; posts may lie elsewhere."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    is_member: Mapped[bool] = mapped_column(default=False)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.code"), index=True)
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    active: Mapped[bool] = mapped_column(default=True)

    @classmethod
    def add(
        cls,
        session: Session,
        login: str,
        name: str,
        organisation: str,
        *,
        is_member: bool = False,
        password_hash: str = "",
    ) -> Person:
        """A new person; the sign-in name is kept in small letters and unique."""
        login = named(login).lower()
        if cls.by_login(session, login):
            raise LoginTaken(login=login)
        home = Organisation.of(session, organisation).code
        person = cls(login=login, name=named(name), organisation=home, is_member=is_member, password_hash=password_hash)
        session.add(person)
        session.flush()
        return person

    @classmethod
    def of(cls, session: Session, person_id: str) -> Person:
        """The person with this id, or `PersonUnknown`."""
        if person := session.get(cls, person_id):
            return person
        raise PersonUnknown(what="person", key=person_id)

    @classmethod
    def by_login(cls, session: Session, login: str) -> Person | None:
        """The person who signs in by this name, in any case of letters."""
        return session.scalar(select(cls).where(cls.login == login.strip().lower()))

    @classmethod
    def all(cls, session: Session) -> list[Person]:
        """Everybody who is active, by sign-in name."""
        return list(session.scalars(select(cls).where(cls.active).order_by(cls.login)))


class Appointment(Base):
    """A person holds a post in an organisation from `since` to `until`, both days included; `None` is open.

    `made_by` and `ended_by` are the people who entered it and its end; None where the installation brought it along.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="period"),
        CheckConstraint(_one_of("post", POSTS), name="post"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.code"), index=True)
    post: Mapped[str] = mapped_column(String(32))
    since: Mapped[date]
    until: Mapped[date | None]
    made_at: Mapped[datetime | None]
    made_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]

    @classmethod
    def of_person(cls, session: Session, person_id: str) -> list[Appointment]:
        """All appointments of a person, past ones too, oldest first."""
        query = select(cls).where(cls.person_id == person_id).order_by(cls.since, cls.organisation, cls.post)
        return list(session.scalars(query))

    @classmethod
    def current(cls, session: Session, on: date) -> list[Appointment]:
        """All appointments in effect on a day."""
        query = select(cls).where(_on(on)).order_by(cls.organisation, cls.post, cls.since)
        return list(session.scalars(query))

    def end(self, session: Session, until: date, by: str | None = None, at: datetime | None = None) -> None:
        """The last day of the appointment. `PeriodBackwards` when that is before the first."""
        _forwards(self.since, until)
        self.until, self.ended_by, self.ended_at = until, by, at
        session.flush()


def appoint(
    session: Session,
    person_id: str,
    organisation: str,
    post: str,
    since: date,
    until: date | None = None,
    *,
    by: str | None = None,
    at: datetime | None = None,
) -> Appointment:
    """Give a person a post. Refused: a backward period, the same post twice, a second of the three administrators."""
    person = Person.of(session, person_id)
    _known("post", post, POSTS)
    _forwards(since, until)
    place = Organisation.of(session, organisation).code
    for other in Appointment.of_person(session, person_id):
        if _meet(other, since, until):
            _compatible(person, other, place, post)
    period = {"since": since, "until": until}
    appointment = Appointment(person_id=person.id, organisation=place, post=post, **period, made_by=by, made_at=at)
    session.add(appointment)
    session.flush()
    return appointment


def _compatible(person: Person, other: Appointment, organisation: str, post: str) -> None:
    if (other.organisation, other.post) == (organisation, post):
        raise AlreadyAppointed(name=person.name, since=other.since.isoformat())
    if {other.post, post} <= ADMINISTRATORS and other.post != post:
        raise AdministratorsDisjoint(name=person.name, held=POSTS[other.post].zh)


def _meet(other: Appointment, since: date, until: date | None) -> bool:
    return (other.until is None or other.until >= since) and (until is None or other.since <= until)


def _forwards(since: date, until: date | None) -> None:
    if until is not None and until < since:
        raise PeriodBackwards(since=since.isoformat(), until=until.isoformat())


def _known(what: str, key: str | None, among: Iterable[str | None]) -> None:
    if key not in among:
        raise ChoiceUnknown(what=what, key=key)


def named(name: str) -> str:
    """The name without outer blanks; `NameMissing` if nothing is left."""
    if name := " ".join(name.split()):
        return name
    raise NameMissing()


# The tree


def ancestry(session: Session, organisation: str) -> list[Organisation]:
    """The organisation, the one above it, and so on up to the root."""
    start = select(Organisation.code, Organisation.parent).where(Organisation.code == organisation).cte(recursive=True)
    up = start.union(select(Organisation.code, Organisation.parent).where(Organisation.code == start.c.parent))
    rows = session.scalars(select(Organisation).where(Organisation.code.in_(select(up.c.code))))
    by_code = {row.code: row for row in rows}
    line = [by_code.get(organisation) or Organisation.of(session, organisation)]
    while (above := line[-1].parent) is not None:
        line.append(by_code[above])
    return line


def subtree(session: Session, organisation: str) -> set[str]:
    """The codes of the organisation and of everything under it."""
    start = select(Organisation.code).where(Organisation.code == organisation).cte(recursive=True)
    down = start.union(select(Organisation.code).where(Organisation.parent == start.c.code))
    return set(session.scalars(select(down.c.code)))


def tree(session: Session) -> list[tuple[int, Organisation]]:
    """Every organisation with its depth, each right after the one above it."""
    below: dict[str | None, list[Organisation]] = defaultdict(list)
    for organisation in Organisation.all(session):
        below[organisation.parent].append(organisation)

    def walk(parent: str | None, depth: int) -> Iterator[tuple[int, Organisation]]:
        for organisation in below[parent]:
            yield depth, organisation
            yield from walk(organisation.code, depth + 1)

    return list(walk(None, 0))


def deciding(session: Session, organisation: str) -> str:
    """The Party organisation that decides for a unit: itself, or the one whose department it is (Art. 11(3))."""
    line = ancestry(session, organisation)
    return next((above.code for above in line if above.kind == PARTY_ORG), line[-1].code)


def superior(session: Session, organisation: str) -> str:
    """The Party organisation above the one that decides; `""` when that lies outside the system."""
    return Organisation.of(session, deciding(session, organisation)).parent or ""


# Posts and their holders


def seats(session: Session, person_id: str, on: date) -> frozenset[tuple[str, str]]:
    """The (organisation, post) pairs that a person holds on a day; none for somebody who is no longer active."""
    query = select(Appointment.organisation, Appointment.post).join(Person, Person.id == Appointment.person_id)
    rows = session.execute(query.where(Person.id == person_id, Person.active, _on(on)))
    return frozenset((organisation, post) for organisation, post in rows)


def holders(session: Session, organisation: str, post: str, on: date) -> list[Person]:
    """Who holds a post of this very organisation on a day, by sign-in name."""
    return list(session.scalars(_holders(on).where(Appointment.organisation == organisation, Appointment.post == post)))


def seats_of(session: Session, organisation: str, on: date) -> dict[str, str]:
    """Post → organisation in which it is held for this unit: the nearest upwards with a holder, else the root.

    Serving posts are also looked for in the departments on the way. The superior's approver is looked for above the
    organisation that decides; when its superior is outside the system, in the root's departments first, where the
    coordinator of the Party committee office records the reply.
    """
    line = ancestry(session, organisation)
    departments = _departments(session, line)
    held = _held(session, {above.code for above in line}.union(*departments.values()), on)
    return {
        code: next((place for place in _places(post, line, departments) if (place, code) in held), line[-1].code)
        for code, post in POSTS.items()
    }


def _places(post: Post, line: list[Organisation], departments: Mapping[str, list[str]]) -> Iterator[str]:
    if post.code == "superior_approver":
        decides = next((at for at, above in enumerate(line) if above.kind == PARTY_ORG), len(line) - 1)
        line, outside = line[decides + 1 :], line[-1].code
        if not line:
            yield from departments.get(outside, [])
    for above in line:
        yield above.code
        if post.serves:
            yield from departments.get(above.code, [])


def _departments(session: Session, line: list[Organisation]) -> dict[str, list[str]]:
    under = select(Organisation).where(Organisation.parent.in_([above.code for above in line]))
    found: dict[str, list[str]] = defaultdict(list)
    for department in session.scalars(under.where(Organisation.kind != PARTY_ORG).order_by(Organisation.code)):
        found[department.parent or ""].append(department.code)
    return found


def _held(session: Session, organisations: set[str], on: date) -> set[tuple[str, str]]:
    query = select(Appointment.organisation, Appointment.post).join(Person, Person.id == Appointment.person_id)
    rows = session.execute(query.where(Person.active, _on(on), Appointment.organisation.in_(organisations)).distinct())
    return {(organisation, post) for organisation, post in rows}


def _holders(on: date) -> Select[Person]:
    query = select(Person).join(Appointment, Person.id == Appointment.person_id)
    return query.where(Person.active, _on(on)).order_by(Person.login).distinct()


def _on(on: date) -> ColumnElement[bool]:
    return and_(Appointment.since <= on, or_(Appointment.until.is_(None), Appointment.until >= on))


def desk_officer(session: Session, organisation: str, on: date) -> Person | None:
    """Who answers for disclosure in this very organisation (Art. 18, 20)."""
    return next(iter(holders(session, organisation, "desk_officer", on)), None)


def without_desk_officer(session: Session, on: date) -> list[Organisation]:
    """The organisations that name nobody for disclosure, against Art. 20."""
    named_one = select(Appointment.organisation).join(Person, Person.id == Appointment.person_id)
    named_one = named_one.where(Appointment.post == "desk_officer", Person.active, _on(on))
    others = select(Organisation).where(Organisation.code.not_in(named_one))
    return list(session.scalars(others.order_by(Organisation.code)))


# Belonging


def people_of(session: Session, organisation: str) -> list[Person]:
    """Everybody active in the organisation and under it, inside and outside the Party (Art. 9(1))."""
    return list(session.scalars(_people(session, organisation)))


def members_of(session: Session, organisation: str) -> list[Person]:
    """The Party members among them (Art. 9(2))."""
    return list(session.scalars(_people(session, organisation).where(Person.is_member)))


def belongs(session: Session, person: Person, organisation: str) -> bool:
    """Whether the person's home is the organisation or lies under it."""
    return any(above.code == organisation for above in ancestry(session, person.organisation))


def _people(session: Session, organisation: str) -> Select[Person]:
    inside = subtree(session, organisation)
    return select(Person).where(Person.active, Person.organisation.in_(inside)).order_by(Person.login)
