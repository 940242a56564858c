<%!
def without_comments(code):
    """Leave out the comments in which alembic asks to adjust its commands."""
    return "\n".join(line for line in code.splitlines() if "# ###" not in line).strip()
%>\
"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """${message}."""
    ${upgrades or "pass" | without_comments}


def downgrade() -> None:
    """Undo it."""
    ${downgrades or "pass" | without_comments}
