"""The four-property check of an archive package: authenticity, integrity, usability, security.

It says what was looked at and what was not; a check that cannot be made here is NOT_DONE, never PASS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from engine import Instance, Line
from engine.canonical import digest
from processes.attachments import extension, has_macros
from processes.disclosure import plans

if TYPE_CHECKING:
    from processes.disclosure.matters import Matter, PlanVersion
    from processes.disclosure.opinions import Opinion
    from processes.disclosure.publications import Publication, PublicationChannel, Recipient
    from processes.feedback import Feedback

QUALITIES = {"authenticity": "真实性", "integrity": "完整性", "usability": "可用性", "security": "安全性"}
RESULTS = {"PASS": "通过", "FAIL": "不通过", "WARNING": "提示", "NOT_DONE": "未检测", "NOT_APPLICABLE": "不适用"}
NAMES = {
    "text_is_approved": "公开文本与审批文本一致",
    "plans_unchanged": "各稿方案摘要一致",
    "journal_chain": "过程日志链完整未改",
    "plans_in_sequence": "方案编号连续",
    "journal_in_sequence": "日志位置连续",
    "parts_present": "应有材料齐全",
    "channels_proved": "各公开渠道有凭证",
    "feedback_answered": "意见建议均有答复",
    "attachments_present": "附件齐全且摘要一致",
    "package_reads_back": "归档包可读取且摘要一致",
    "lasting_formats": "附件为长期保存格式",
    "no_active_content": "公开文本不含脚本",
    "no_macros": "办公文档不含宏",
    "malware_scan": "恶意代码查杀",
}
"""Code of a check → its Chinese name."""

LASTING = ("pdf", "ofd", "txt", "csv", "png", "jpg", "jpeg", "docx", "xlsx")
ACTIVE = re.compile(r"<\s*(?:script|iframe|object|embed)\b|\son\w+\s*=|javascript:", re.IGNORECASE)
OFFICE = ("docx", "xlsx", "pptx")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `quality` (one of the four), name (a code), result, detail.

    result: PASS | FAIL | WARNING | NOT_DONE | NOT_APPLICABLE.
    """

    quality: str
    name: str
    result: str
    detail: str = ""

    @property
    def quality_zh(self) -> str:
        """The quality in Chinese."""
        return QUALITIES[self.quality]

    @property
    def name_zh(self) -> str:
        """What was looked at, in Chinese."""
        return NAMES[self.name]

    @property
    def result_zh(self) -> str:
        """The result in Chinese."""
        return RESULTS[self.result]


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that belongs to a matter. `attachments`: digest → (file, bytes or None where they are lost)."""

    matter: Matter
    instance: Instance
    versions: Sequence[PlanVersion]
    opinions: Sequence[Opinion]
    publication: Publication | None
    channels: Sequence[PublicationChannel]
    recipients: Sequence[Recipient]
    feedback: Sequence[Feedback]
    journal: Sequence[Any]
    diagrams: Mapping[str, str]
    attachments: Mapping[str, tuple[Mapping[str, Any], bytes | None]]
    names: Mapping[str, str] = field(default_factory=dict)
    earlier: Sequence[tuple[Publication, Sequence[PublicationChannel]]] = ()
    """The releases of the stages before the last one, with their channels (Art. 16)."""
    earlier_recipients: Mapping[str, Sequence[Recipient]] = field(default_factory=dict)
    earlier_feedback: Mapping[str, Sequence[Feedback]] = field(default_factory=dict)


def four_properties(held: Held, package: bytes, digests: Mapping[str, str]) -> list[Check]:
    """Check a matter and its zip; `digests` says what each path in the zip must contain."""
    return [*authenticity(held), *integrity(held), *usability(held, package, digests), *security(held)]


def authenticity(held: Held) -> Iterator[Check]:
    """Is it what it says it is?"""
    yield _text_is_approved(held)
    changed = [str(version.number) for version in held.versions if plans.plan_hash(version.plan) != version.text_hash]
    yield _found("authenticity", "plans_unchanged", changed)
    yield _found("authenticity", "journal_chain", list(_broken_links(held.journal)))


def integrity(held: Held) -> Iterator[Check]:
    """Is it all there?"""
    yield _in_sequence("plans_in_sequence", [version.number for version in held.versions])
    yield _in_sequence("journal_in_sequence", [row.position for row in held.journal])
    yield _found("integrity", "parts_present", list(_missing(held)))
    lost = [str(file["name"]) for file, data in held.attachments.values() if data is None]
    yield _found("integrity", "attachments_present", lost)
    yield _channels_proved(held)
    yield _feedback_answered(held)


def usability(held: Held, package: bytes, digests: Mapping[str, str]) -> Iterator[Check]:
    """Can it be read, now and later?"""
    yield _found("usability", "package_reads_back", list(_unreadable(package, digests)))
    others = [str(file["name"]) for file, _ in held.attachments.values() if _ending(file) not in LASTING]
    yield _found("usability", "lasting_formats", others, wrong="WARNING")


def security(held: Held) -> Iterator[Check]:
    """Does it carry anything harmful?"""
    texts = [str(version.plan.get("text") or "") for version in held.versions]
    texts += [held.publication.html] if held.publication else []
    texts += [earlier.html for earlier, _ in held.earlier]
    yield _found("security", "no_active_content", [found[0] for text in texts if (found := ACTIVE.search(text))])
    with_macros = [str(file["name"]) for file, data in held.attachments.values() if _has_macros(file, data)]
    yield _found("security", "no_macros", with_macros)
    yield Check("security", "malware_scan", "NOT_DONE", "未接入查杀程序")


def _text_is_approved(held: Held) -> Check:
    publication = held.publication
    if publication is None:
        return Check("authenticity", "text_is_approved", "NOT_APPLICABLE")
    files = [str(file["digest"]) for file in publication.attachments]
    released = plans.text_hash(publication.title, publication.html, files)
    alike = released == publication.text_hash == held.matter.approved_hash and all(
        _is_kept(held, e) for e, _ in held.earlier
    )
    return Check("authenticity", "text_is_approved", "PASS" if alike else "FAIL", released)


def _is_kept(held: Held, earlier: Publication) -> bool:
    """Is the text of an earlier stage the one that was registered for its review?"""
    released = plans.text_hash(earlier.title, earlier.html, [str(file["digest"]) for file in earlier.attachments])
    return released == earlier.text_hash and released in {version.text_hash for version in held.versions}


def _broken_links(journal: Sequence[Any]) -> Iterator[str]:
    """The positions whose content or link does not match its hash."""
    previous = journal[0].previous if journal else ""
    for row in journal:
        line = Line(row.instance_id, row.position, row.at, row.kind, row.by, row.body, row.previous)
        if row.previous != previous or line.hash != row.hash:
            yield str(row.position)
        previous = row.hash


def _in_sequence(name: str, numbers: Sequence[int]) -> Check:
    missing = sorted(set(range(1, len(numbers) + 1)) - set(numbers))
    return _found("integrity", name, [str(number) for number in missing])


def _missing(held: Held) -> Iterator[str]:
    """What a matter that was released must have; one that was not may have stopped anywhere."""
    if not held.journal:
        yield "过程日志"
    if held.publication is None:
        return
    if not held.versions:
        yield "公开方案"
    if not any(one.element == "review" for one in held.opinions):
        yield "审核意见"
    if not any(one.element.startswith("approve") for one in held.opinions):
        yield "审批"


def _channels_proved(held: Held) -> Check:
    if held.publication is None:
        return Check("integrity", "channels_proved", "NOT_APPLICABLE")
    unproved: list[str] = []
    for publication, channels in [(held.publication, held.channels), *held.earlier]:
        recorded = {channel.channel for channel in channels}
        unproved += [channel for channel in publication.proofs if channel not in recorded]
    return _found("integrity", "channels_proved", unproved)


def _feedback_answered(held: Held) -> Check:
    everything = [*held.feedback, *(one for said in held.earlier_feedback.values() for one in said)]
    open_ones = [one.id for one in everything if one.reply is None]
    return _found("integrity", "feedback_answered", open_ones, wrong="WARNING")


def _unreadable(package: bytes, digests: Mapping[str, str]) -> Iterator[str]:
    try:
        with ZipFile(BytesIO(package)) as archive:
            read = {name: digest(archive.read(name)) for name in archive.namelist()}
    except BadZipFile as error:
        yield str(error)
        return
    yield from (path for path in digests if read.get(path) != digests[path])


def _has_macros(file: Mapping[str, Any], data: bytes | None) -> bool:
    if data is None or _ending(file) not in OFFICE:
        return False
    return has_macros(BytesIO(data))


def _ending(file: Mapping[str, Any]) -> str:
    return extension(str(file["name"]))


def _found(of: str, name: str, wrong_ones: Sequence[str], wrong: str = "FAIL") -> Check:
    return Check(of, name, wrong if wrong_ones else "PASS", "；".join(wrong_ones))
