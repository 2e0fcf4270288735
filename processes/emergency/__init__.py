"""Handling of an incident that a release caused (Art. 21(7)); not the urgent release of Article 16."""

from __future__ import annotations

from processes.emergency.decisions import AccountabilityLead
from processes.emergency.incidents import EmergencyIncident
from processes.emergency.response_plans import ResponsePlan

__all__ = ["AccountabilityLead", "EmergencyIncident", "ResponsePlan"]
