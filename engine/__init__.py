"""The engine runs any process. This is its front door: what the rest of the product may name."""

from __future__ import annotations

from engine.calendar import Calendar, deadline, mainland
from engine.db import Base, Database
from engine.outcomes import Answer, Call, Done, Failed, GiveUp, Retry
from engine.services import Service
from engine.tasks import Actor, may_do
