"""The printed ledger of an instance. WeasyPrint is asked only here, so that the product runs without its libraries."""

from __future__ import annotations

from typing import Any

from flask import render_template

from engine.refusals import Refusal


class CannotPrint(Refusal):
    """PDF files cannot be made on this server: {missing}. The JSON Lines export works without them. The administrator
    can install what is missing, on Debian and Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
    fonts-noto-cjk; and the Python package weasyprint."""


def printed(**facts: Any) -> bytes:
    """The ledger as a PDF, A4. CannotPrint names what is missing."""
    weasyprint = _weasyprint()
    html = render_template("audit/ledger.html", **facts)
    return bytes(weasyprint.HTML(string=html, url_fetcher=_nothing_else).write_pdf())


def _weasyprint() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise CannotPrint(missing=" ".join(str(error).split())[:200]) from error
    return weasyprint


def _nothing_else(url: str, *_more: Any, **_named: Any) -> Any:
    """A ledger fetches nothing: neither from the network nor from the disk."""
    raise ValueError(f"not fetched: {url[:100]}")
