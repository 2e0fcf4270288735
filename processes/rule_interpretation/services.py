"""What the diagram of a question about the regulation asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from processes import articles
from processes.cases.services import at, case_of
from processes.disclosure.plans import mark_in
from processes.disclosure.publications import plain_text
from processes.disclosure.refusals import SecrecyMark
from processes.notices import notify
from processes.rule_interpretation.answers import RuleAnswer
from processes.rule_interpretation.refusals import ArticleUnknown

Answer = Done | Failed
Sanitise = Callable[[str], str]

FINAL = frozenset({"rule.register"})
"""What these did is known to others: nobody goes back behind it."""


def services(sanitise: Sanitise = str) -> dict[str, Service]:
    """`rule.register`; `sanitise` cleans rich text."""

    def run(session: Session, call: Call) -> Answer:
        return register(session, call, sanitise)

    return {name: Service(name, run, is_final=True) for name in FINAL}


def register(session: Session, call: Call, sanitise: Sanitise) -> Answer:
    """Keep the answer under its article, and tell who asked (Art. 26) → {answer}. ArticleUnknown; SecrecyMark."""
    case, asked, said = case_of(session, call), dict(call.arguments["question"]), dict(call.arguments["answer"])
    if asked["article"] not in {each.name for each in articles.articles()}:
        raise ArticleUnknown(article=asked["article"])
    html = sanitise(str(said["text"]))
    if mark := mark_in(plain_text(html)):
        raise SecrecyMark(mark=mark)
    session.add(
        RuleAnswer(
            id=case.id,
            article=asked["article"],
            title=case.title,
            question=asked["question"],
            html=html,
            offices=" ".join(said["offices"]),
            at=at(call),
        )
    )
    session.flush()
    zh, en = f"您关于{asked['article']}的提问已有解释", f"Your question about {asked['article']} is answered"
    link = f"/announcements/rule-answers#{case.id}"
    notify(session, filter(None, [case.opened_by]), "rule_answered", case.id, zh=zh, en=en, at=at(call), link=link)
    return Done({"answer": case.id})
