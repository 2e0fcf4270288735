"""The disclosure catalogue: ten columns as written, what they mean, its versions, files in and out."""

from __future__ import annotations

from processes.catalogue.columns import COLUMN, COLUMNS, KEYS, Column
from processes.catalogue.editing import append, draft_after, must_be_draft, remove, rewrite
from processes.catalogue.exporting import export_docx, export_xlsx, table_xlsx
from processes.catalogue.importing import Report, Unresolved, import_catalogue
from processes.catalogue.items import STATUSES, CatalogueItem, CatalogueVersion, put_in_force
from processes.catalogue.reading import Row, WrongFile, read, read_table
from processes.catalogue.resolving import CHANNELS, ROUTES, SCOPES, Resolved, resolve
from processes.catalogue.taxonomy import ContentClass, content_classes
from processes.catalogue.times import EVENTS, PERMANENT, after

__all__ = [
    "CHANNELS",
    "COLUMN",
    "COLUMNS",
    "EVENTS",
    "KEYS",
    "PERMANENT",
    "ROUTES",
    "SCOPES",
    "STATUSES",
    "CatalogueItem",
    "CatalogueVersion",
    "Column",
    "ContentClass",
    "Report",
    "Resolved",
    "Row",
    "Unresolved",
    "WrongFile",
    "after",
    "append",
    "content_classes",
    "draft_after",
    "export_docx",
    "export_xlsx",
    "import_catalogue",
    "must_be_draft",
    "put_in_force",
    "read",
    "read_table",
    "remove",
    "resolve",
    "rewrite",
    "table_xlsx",
]
