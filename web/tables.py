"""Every table of the web. Import this where the whole metadata is needed: migrations and tests."""

from __future__ import annotations

from web.attachments import AttachmentUse
from web.auth.accounts import Failure, SignIn
from web.designer.rehearsals import KeptRehearsal
from web.tasks.drafts import Draft, StartDraft

__all__ = ["AttachmentUse", "Draft", "Failure", "KeptRehearsal", "SignIn", "StartDraft"]
