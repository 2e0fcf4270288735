"""The blueprint that the pages of operations share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("operations", __name__, template_folder="templates", url_prefix="/operations")
