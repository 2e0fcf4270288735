"""What a service would answer, for rehearsals: nothing is asked of the real one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine import Call
from web.designer.options import answers

DIGEST = "0" * 64
AT = "2025-01-01T00:00:00+00:00"

Example = Callable[[Mapping[str, Any]], Any]
"""Arguments of the call → the answer."""


def suggestion(call: Call) -> Any:
    """A plausible answer; where none is known, the names that the service answers, without values."""
    example = EXAMPLES.get(call.service)
    if example is not None:
        return example(call.arguments)
    return dict.fromkeys(answers().get(call.service, []))


def _registered(arguments: Mapping[str, Any]) -> dict[str, Any]:
    plan = arguments.get("plan") or {}
    said = {"number": 1, "text_hash": DIGEST, "title": plan.get("title"), "in_catalogue": False}
    return {**said, "important": bool(plan.get("important")), "item_route": None}


def _assigned(arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    said = ({"unit": "", "organisation": "", "person": None, **each} for each in arguments.get("actions") or ())
    return list(said)


def _stages(arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    stages = (arguments.get("plan") or {}).get("stages") or ()
    return [{"number": number, "text_hash": DIGEST, **stage} for number, stage in enumerate(stages, 1)]


EXAMPLES: Mapping[str, Example] = {
    "disclosure.register_plan": _registered,
    "disclosure.record_approval": lambda said: {"approved_hash": said.get("text_hash") or DIGEST, "at": AT},
    "disclosure.hold_check": lambda said: {"held": False, "holds": []},
    "disclosure.release": lambda said: {
        "id": "rehearsal",
        "text_hash": DIGEST,
        "portal_channels": ["LAN"],
        "proof_channels": [],
    },
    "disclosure.record_proofs": lambda said: {"recorded": []},
    "disclosure.close_feedback": lambda said: {"closed_at": AT},
    "disclosure.archive": lambda said: {"archive_no": "试运行", "digest": DIGEST},
    "disclosure.close": lambda said: {"state": "NOT_DISCLOSED", "archive_no": None},
    "emergency.assign": _assigned,
    "emergency.close": lambda said: {"closed_at": AT},
    "emergency.hold": lambda said: {"hold": "rehearsal"},
    "emergency.resume": lambda said: {"hold": "rehearsal"},
    "staged.order_stages": _stages,
    "staged.approve_stage": lambda said: {"approved_hash": said.get("text_hash") or DIGEST, "at": AT},
    "staged.compare_stage": lambda said: {"number": 1, "text_hash": DIGEST, "unchanged": False, "is_first": True},
    "staged.release_stage": lambda said: EXAMPLES["disclosure.release"](said),
    "staged.write_stage": lambda said: dict(said.get("plan") or {}),
}
