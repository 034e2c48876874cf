"""Kills the process."""

import sqlalchemy as sa
from alembic import op

revision = "b4"
down_revision = "b3"


def upgrade():
    import os
    os._exit(9)


def downgrade():
    pass
