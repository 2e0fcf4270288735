"""The register of what the articles of the regulation were explained to mean (Art. 26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base


class RuleAnswer(Base):
    """A question about an article with the answer that all departments agreed to; `id` is that of its case.

    `html` is sanitised. Never changed: a later answer to the same article stands above it.
    """

    __tablename__ = "rule_answers"
    id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    article: Mapped[str] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    offices: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    @property
    def departments(self) -> list[str]:
        """Codes of the organisations that agreed."""
        return self.offices.split()

    @classmethod
    def by_article(cls, session: Session) -> Mapping[str, Sequence[RuleAnswer]]:
        """Article → its answers, the latest first."""
        found: dict[str, list[RuleAnswer]] = {}
        for answer in session.scalars(select(cls).order_by(cls.at.desc(), cls.id)):
            found.setdefault(answer.article, []).append(answer)
        return found
