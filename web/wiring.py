"""The one place that knows everything: from settings to an engine with its forms, services, observers and store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Semaphore
from typing import Any, cast

from flask import current_app

import forms
from engine import Bell, Engine, Service, moving, refusals
from engine import clock as clocks
from engine.clock import Clock
from engine.db import Database
from engine.refusals import Finding
from processes.accountability.services import services as accountability
from processes.annual_report.duties import report_years
from processes.annual_report.services import services as annual_report
from processes.attachments import Store
from processes.audit import verify_asked
from processes.calendar import WorkingDays, recount_deadlines
from processes.cases import welcome
from processes.cases.observer import case_observer
from processes.cases.services import services as cases
from processes.catalogue_maintenance.duties import review_catalogues
from processes.catalogue_maintenance.services import services as catalogue_maintenance
from processes.clarification.services import services as clarification
from processes.correction.services import services as correction
from processes.decisions import tailor
from processes.disclosure.observer import matter_observer
from processes.disclosure.services import services as disclosure
from processes.emergency.observer import incident_observer
from processes.emergency.services import services as emergency
from processes.expiry import take_down_expired
from processes.feedback.services import services as feedback
from processes.inspection.duties import inspect_in_turn
from processes.inspection.services import services as inspection
from processes.long_term_check.duties import check_long_term
from processes.long_term_check.services import services as long_term_check
from processes.out_of_catalogue.services import services as out_of_catalogue
from processes.overdue_follow_up.duties import follow_up_overdue
from processes.overdue_follow_up.services import services as overdue_follow_up
from processes.periodic.starting import start_periods, watch_periods
from processes.plan_demand.duties import demand_plans, review_non_disclosures, settle_demands
from processes.plan_demand.services import services as plan_demand
from processes.policy_interpretation.services import services as policy_interpretation
from processes.postponement.services import services as postponement
from processes.predecision_consultation.services import services as predecision_consultation
from processes.regulation import regulation
from processes.rule_interpretation.services import services as rule_interpretation
from processes.secrecy_review.services import services as secrecy
from processes.staged.services import services as staged
from processes.staged.stages import as_one
from processes.staged.stages import check as check_stages
from web import attachments, webhook
from web.config import Settings
from web.signing import Signer

BY_THE_CALENDAR = (
    demand_plans,
    settle_demands,
    review_non_disclosures,
    check_long_term,
    review_catalogues,
    report_years,
    inspect_in_turn,
    follow_up_overdue,
)
"""The duties that begin cases on their day."""

KEEPERS = {"repair": {"system_admin", "pco_coordinator"}, "move": {"process_deployer", "system_admin"}}
"""Act → the posts that may: set an instance right, move it to another version."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What pages and commands work with."""

    settings: Settings
    database: Database
    engine: Engine
    store: Store
    clock: Clock
    bell: Bell
    waiting: Semaphore
    """Seats for programs that wait for work: half of the threads, so that pages are answered meanwhile."""


def build(settings: Settings, *, clock: Clock = clocks.now) -> Parts:
    """The parts for these settings. Connections open at their first use."""
    database = Database(settings.database_url)
    store = Store(settings.store_url, limit=settings.upload_limit)
    engine = Engine(
        database,
        services=services(settings, store, Signer(settings.secret_key, clock), lambda: engine),
        validate=validate,
        check_form=check_form,
        regulation=regulation(),
        possible=forms.possible,
        observers=[matter_observer, incident_observer, case_observer, attachments.observe],
        duties=[
            take_down_expired,
            start_periods,
            watch_periods,
            *BY_THE_CALENDAR,
            recount_deadlines,
            verify_asked,
            moving.act_on_versions,
        ],
        welcome=welcome,
        calendar=WorkingDays(database),
        tailor=tailor,
        keepers=KEEPERS,
        clock=clock,
    )
    return Parts(settings, database, engine, store, clock, Bell(database), Semaphore(max(1, settings.threads // 2)))


def parts() -> Parts:
    """The parts of the running application."""
    return cast(Parts, current_app.extensions["mingtang"])


def services(settings: Settings, store: Store, sign: Signer, engine: Callable[[], Engine]) -> dict[str, Service]:
    """Every service that a diagram may call, by name; `engine` answers the engine that they belong to."""
    five_steps = disclosure(store, forms.sanitise, complete=as_one, examine=check_stages)
    return (
        five_steps
        | staged(five_steps["disclosure.release"], forms.sanitise)
        | out_of_catalogue()
        | emergency()
        | plan_demand(engine)
        | long_term_check()
        | policy_interpretation(forms.sanitise)
        | rule_interpretation(forms.sanitise)
        | annual_report(forms.sanitise)
        | inspection()
        | accountability()
        | predecision_consultation(forms.sanitise)
        | overdue_follow_up(lambda: engine().calendar())
        | cases()
        | secrecy(store, forms.sanitise)
        | postponement()
        | feedback()
        | correction(forms.sanitise)
        | clarification(forms.sanitise)
        | catalogue_maintenance()
        | {"webhook": webhook.service(settings.webhook_timeout, sign)}
    )


def validate(form: bytes, submission: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """What the form accepts of a submission; `Invalid` in the engine's words."""
    try:
        return forms.validate(form, submission, context)
    except forms.Invalid as error:
        raise refusals.Invalid(error.errors) from None


def check_form(path: str, form: bytes) -> Sequence[Finding]:
    """What is wrong with a form, for the refusal of its version."""
    return [
        Finding(path, "form", problem.message, element=problem.field, parameters=dict(problem.parameters))
        for problem in forms.check(form)
    ]
