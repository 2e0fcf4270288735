"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import engine.db

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise NotImplementedError("nothing is ever lost: restore a backup instead")
