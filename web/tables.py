"""Every table of the web. Import this where the whole metadata is needed: migrations and tests."""

from __future__ import annotations

from web.api.tokens import ApiToken
from web.attachments import AttachmentUse
from web.auth.accounts import Failure, SignIn
from web.designer.rehearsals import KeptRehearsal
from web.portal.limits import Said
from web.signing import WebhookRenewal
from web.tasks.drafts import Draft, StartDraft

__all__ = [
    "ApiToken",
    "AttachmentUse",
    "Draft",
    "Failure",
    "KeptRehearsal",
    "Said",
    "SignIn",
    "StartDraft",
    "WebhookRenewal",
]
