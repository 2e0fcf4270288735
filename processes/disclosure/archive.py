"""The archive package of a matter: everything that shows what was done, with a digest for each part (Art. 11(5))."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from html import escape
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import Text, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Call, Instance, files, lines
from engine.canonical import digest, dump
from engine.clock import SHANGHAI
from engine.db import Base
from engine.refusals import Refusal
from processes.attachments import Store
from processes.disclosure import plans
from processes.disclosure.checks import Check, Held, four_properties
from processes.disclosure.matters import Matter
from processes.disclosure.opinions import Opinion, opinions
from processes.disclosure.publications import Publication, PublicationChannel
from processes.disclosure.refusals import ArchiveNumberTaken
from processes.feedback import Feedback
from processes.organisation import Organisation, Person

LARGEST = 4 * 1024**3
"""Bytes of a package; the limit for one attachment does not hold for all of them together."""

RETENTIONS = ("PERMANENT", "Y30", "Y10")


class ArchivePackage(Base):
    """A packed matter. `kind` is RELEASED, or EVIDENCE for one that was withdrawn, rejected or not disclosed.

    `digest` is the zip's in the store of attachments; `inventory_json` and `report_json` are also inside it.
    """

    __tablename__ = "archive_packages"
    matter_id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    archive_no: Mapped[str] = mapped_column(unique=True)
    retention: Mapped[str]
    digest: Mapped[str]
    size: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str | None]
    inventory_json: Mapped[str] = mapped_column(Text)
    report_json: Mapped[str] = mapped_column(Text)

    @property
    def inventory(self) -> dict[str, Any]:
        """{matter, archive_no, …, parts: [{path, title, digest, size}]}."""
        return dict(json.loads(self.inventory_json))

    @property
    def report(self) -> list[Check]:
        """The four-property check, one row for each thing that was looked at."""
        return [Check(**row) for row in json.loads(self.report_json)]

    @property
    def passed(self) -> bool:
        """No check failed."""
        return all(check.result != "FAIL" for check in self.report)

    @classmethod
    def all(cls, session: Session, kind: str | None = None) -> list[ArchivePackage]:
        """Every package, newest first."""
        query = select(cls) if kind is None else select(cls).where(cls.kind == kind)
        return list(session.scalars(query.order_by(cls.at.desc(), cls.archive_no)))


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a package."""

    path: str
    title: str
    data: bytes

    @property
    def entry(self) -> dict[str, Any]:
        """Its line in the inventory."""
        return {"path": self.path, "title": self.title, "digest": digest(self.data), "size": len(self.data)}


def keep(session: Session, store: Store, matter: Matter, call: Call, archive_no: str, retention: str) -> ArchivePackage:
    """Pack the matter, put the zip into the store and register it. ArchiveNumberTaken for another matter's number."""
    if known := session.get(ArchivePackage, matter.id):
        return known
    if session.scalar(select(ArchivePackage.matter_id).where(ArchivePackage.archive_no == archive_no)):
        raise ArchiveNumberTaken(archive_no=archive_no)
    assert call.at is not None, "the engine gives every call its time"
    held = hold(session, store, matter)
    head = _head(session, held, archive_no, retention, call)
    data, inventory, report = pack(held, head, call.at)
    stored = Store(store.url, limit=LARGEST).put(data, f"{matter.id}.zip")
    package = ArchivePackage(
        matter_id=matter.id,
        call_id=call.id,
        kind=head["kind"],
        archive_no=archive_no,
        retention=retention,
        digest=stored["digest"],
        size=len(data),
        at=call.at,
        by=call.by,
        inventory_json=dump(inventory),
        report_json=dump([asdict(check) for check in report]),
    )
    session.add(package)
    _flush(session, archive_no)
    return package


def _flush(session: Session, archive_no: str) -> None:
    """Two archivists may choose one number at the same moment; the database decides."""
    try:
        session.flush()
    except IntegrityError as error:
        raise ArchiveNumberTaken(archive_no=archive_no) from error


def evidence_number(matter: Matter, at: datetime) -> str:
    """The archive number of a matter that was not disclosed, given by the system."""
    return f"EV-{at.astimezone(SHANGHAI).year}-{matter.organisation}-{matter.id[:12]}"


def hold(session: Session, store: Store, matter: Matter) -> Held:
    """Everything that belongs to a matter, read from tables, journal and store."""
    connection = session.connection()
    instance = session.get_one(Instance, matter.instance_id, populate_existing=True)
    publication = Publication.of_matter(session, matter.id)
    versions = matter.plans(session)
    said = opinions(session, matter.instance_id)
    channels = publication.channels(session) if publication else []
    mentioned = [version.plan for version in versions] + [opinion.data for opinion in said]
    earlier = [one for one in Publication.all_of_matter(session, matter.id) if publication and one.id != publication.id]
    stages = [(one, one.channels(session)) for one in earlier]
    mentioned += [channel.details for each in (channels, *(theirs for _, theirs in stages)) for channel in each]
    known = {file["digest"]: file for file in plans.files_in([dict(one) for one in mentioned])}
    return Held(
        matter=matter,
        instance=instance,
        versions=versions,
        opinions=said,
        publication=publication,
        channels=channels,
        recipients=publication.recipients(session) if publication else [],
        feedback=Feedback.of(session, publication.id) if publication else [],
        journal=list(lines(connection, instance.id)),
        diagrams={path: digest(data) for path, data in files(connection, instance.version_id).items()},
        attachments={key: (file, _stored(store, key)) for key, file in sorted(known.items())},
        names=_names(session, said, matter),
        earlier=stages,
        earlier_recipients={one.id: one.recipients(session) for one in earlier},
        earlier_feedback={one.id: Feedback.of(session, one.id) for one in earlier},
    )


def pack(held: Held, head: Mapping[str, Any], at: datetime) -> tuple[bytes, dict[str, Any], list[Check]]:
    """Write the zip twice: once to check that it can be read back, once with the report of the check inside."""
    content = list(parts(held))
    report = four_properties(held, zipped(content, at), {part.path: digest(part.data) for part in content})
    content.append(_json("check_report.json", "四性检测报告", [asdict(check) for check in report]))
    inventory = {**head, "parts": [part.entry for part in content]}
    listing = Part("目录.txt", "目录", _listing(inventory, report).encode())
    whole = [listing, _json("inventory.json", "目录（机读）", inventory), *content]
    return zipped(whole, at), inventory, report


def zipped(content: Sequence[Part], at: datetime) -> bytes:
    """A zip whose bytes depend on the content and the given moment only."""
    local = at.astimezone(SHANGHAI)
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for part in content:
            info = ZipInfo(part.path, (local.year, local.month, local.day, local.hour, local.minute, local.second))
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, part.data)
    return buffer.getvalue()


def parts(held: Held) -> Iterator[Part]:
    """The files of a package, in the order of the procedure."""
    for version in held.versions:
        name = f"plans/plan-{version.number:03}"
        yield _json(f"{name}.json", f"公开方案第{version.number}稿", _row(version, plan=version.plan, drop="body"))
        html = _page(str(version.plan.get("title") or ""), str(version.plan.get("text") or ""))
        yield Part(f"{name}.html", f"公开方案第{version.number}稿正文", html)
    yield _json("opinions.json", "各环节意见", [asdict(opinion) for opinion in held.opinions])
    yield Part("办理意见.txt", "各环节意见（可读）", "".join(_sentence(held, one) for one in held.opinions).encode())
    yield _json("approval.json", "审批", _approval(held))
    yield from _publication(held)
    for number, (earlier, channels) in enumerate(held.earlier, 1):
        yield from _stage(held, number, earlier, channels)
    yield Part("journal/entries.jsonl", "过程日志", "".join(map(_line, held.journal)).encode())
    yield _json("diagrams.json", "流程图版本及摘要", {"version": held.instance.version_id, "files": held.diagrams})
    for key, (file, data) in held.attachments.items():
        if data is not None:
            name = PurePosixPath(str(file["name"]).replace("\\", "/")).name or "file"
            yield Part(f"attachments/{key[:16]}-{name}", f"附件：{name}", data)


def _publication(held: Held) -> Iterator[Part]:
    if (publication := held.publication) is None:
        return
    yield Part("publication/text.html", "公开文本", _page(publication.title, publication.html))
    yield _json("publication/publication.json", "公开登记", _row(publication, drop="plain"))
    yield _json("publication/proofs.json", "各渠道公开凭证", [_row(channel) for channel in held.channels])
    yield _json("publication/recipients.json", "特定对象及阅读回执", [_row(one) for one in held.recipients])
    yield _json("feedback/feedback.json", "意见建议及答复", [_row(one) for one in held.feedback])


def _stage(held: Held, number: int, earlier: Publication, channels: Sequence[PublicationChannel]) -> Iterator[Part]:
    """What an earlier stage released (Art. 16); the last one is the publication of the package."""
    name, title = f"publication/stage-{number:02}", f"第{number}阶段"
    yield Part(f"{name}/text.html", f"{title}公开文本", _page(earlier.title, earlier.html))
    yield _json(f"{name}/publication.json", f"{title}公开登记", _row(earlier, drop="plain"))
    yield _json(f"{name}/proofs.json", f"{title}各渠道公开凭证", [_row(channel) for channel in channels])
    recipients = [_row(one) for one in held.earlier_recipients.get(earlier.id, ())]
    yield _json(f"{name}/recipients.json", f"{title}特定对象及阅读回执", recipients)
    said = [_row(one) for one in held.earlier_feedback.get(earlier.id, ())]
    yield _json(f"{name}/feedback.json", f"{title}意见建议及答复", said)


def _approval(held: Held) -> dict[str, Any]:
    matter = held.matter
    decisive = [asdict(one) for one in held.opinions if one.element.startswith("approve")]
    return {"approved_hash": matter.approved_hash, "approved_at": matter.approved_at, "decisions": decisive}


def _head(session: Session, held: Held, archive_no: str, retention: str, call: Call) -> dict[str, Any]:
    matter = held.matter
    return {
        "kind": "RELEASED" if held.publication else "EVIDENCE",
        "archive_no": archive_no,
        "retention": retention,
        "matter": matter.id,
        "title": matter.title,
        "organisation": matter.organisation,
        "organisation_name": Organisation.of(session, matter.organisation).name,
        "state": "ARCHIVED" if held.publication else matter.state,
        "packed_at": call.at.isoformat() if call.at else None,
        "packed_by": call.by,
        "journal_position": held.instance.position,
        "journal_head": held.instance.head,
    }


def _stored(store: Store, key: str) -> bytes | None:
    """The bytes, or None where they are gone or damaged; the report says so."""
    try:
        return store.get(key)
    except (Refusal, OSError):
        return None


def _names(session: Session, said: Sequence[Opinion], matter: Matter) -> dict[str, str]:
    ids = {one.person for one in said if one.person} | {matter.proposer}
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())


def _listing(inventory: Mapping[str, Any], report: Sequence[Check]) -> str:
    rows = [
        "党务公开事项归档目录",
        f"档号：{inventory['archive_no']}",
        f"题名：{inventory['title']}",
        f"责任单位：{inventory['organisation_name']}",
        f"保管期限：{inventory['retention']}",
        f"归档时间：{inventory['packed_at']}",
        f"过程日志：至第 {inventory['journal_position']} 条，摘要 {inventory['journal_head']}",
        "",
        "序号\t文件\t题名\t字节\tSHA-256",
        *(f"{n}\t{p['path']}\t{p['title']}\t{p['size']}\t{p['digest']}" for n, p in enumerate(inventory["parts"], 1)),
        "",
        "四性检测",
        *(f"{check.quality_zh}\t{check.name_zh}\t{check.result_zh}\t{check.detail}" for check in report),
    ]
    return "\n".join(rows) + "\n"


def _sentence(held: Held, one: Opinion) -> str:
    when = one.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    who = held.names.get(one.person or "", one.person or "")
    taken_back = "（已撤回）" if one.taken_back else ""
    return f"第{one.round}轮\t{when}\t{one.name}\t{who}\t{one.result or ''}\t{one.opinion}{taken_back}\n"


def _page(title: str, html: str) -> bytes:
    head = f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{escape(title)}</title>'
    return f"{head}<h1>{escape(title)}</h1>\n{html}\n</html>\n".encode()


def _json(path: str, title: str, value: Any) -> Part:
    return Part(path, title, (json.dumps(value, ensure_ascii=False, indent=1, default=_spell) + "\n").encode())


def _row(row: Base, *, drop: str = "", **more: Any) -> dict[str, Any]:
    """The columns of a table's row, JSON columns decoded; nothing is left out but `drop`."""
    found = {key: _decoded(key, getattr(row, key)) for key in row.__mapper__.columns.keys() if key != drop}  # noqa: SIM118
    return {key.removesuffix("_json"): value for key, value in found.items()} | more


def _line(row: Any) -> str:
    """An entry of the journal as it is stored, on one line."""
    return dump({key: _decoded(key, value) for key, value in row._mapping.items()}) + "\n"


def _decoded(key: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return _spell(value)
    return json.loads(value) if key.endswith("_json") and value else value


def _spell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not JSON: {value!r}")
