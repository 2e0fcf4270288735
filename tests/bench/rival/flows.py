"""Five tasks for people, one after the other, as viewflow's models keep them. Import it after `settings.configure`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.models import Process, Task


def nothing(activation: Any) -> Process:
    return activation.process


class FiveSteps(flow.Flow):  # type: ignore[misc]
    """Each task is an ordinary view's; the bench completes it as the view would, without HTTP."""

    process_class = Process
    begin = flow.StartHandle(nothing).Next(this.draft)
    draft = flow.View(lambda request: None).Next(this.confirm)
    confirm = flow.View(lambda request: None).Next(this.review)
    review = flow.View(lambda request: None).Next(this.approve)
    approve = flow.View(lambda request: None).Next(this.release)
    release = flow.View(lambda request: None).Next(this.end)
    end = flow.End()


def run(user: User, submission: dict[str, Any]) -> None:
    """One instance from beginning to end: each task is read, taken, filled in and done in a transaction of its own."""
    with transaction.atomic():
        process = FiveSteps.begin.run()
    while task := Task.objects.filter(process=process, status="NEW").first():
        with transaction.atomic(), FiveSteps.lock(process.pk):
            activation = task.flow_task.activation_class(task)
            activation.assign(user)
            activation.start(None)
            activation.process.data = {**(activation.process.data or {}), **submission}
            activation.process.save()
            activation.execute()
