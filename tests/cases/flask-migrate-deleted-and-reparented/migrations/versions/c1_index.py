"""Calls."""

import sqlalchemy as sa
from alembic import op

revision = "c1"
down_revision = "a1"


def upgrade():
    op.create_index("ix_email", "users", ["email"])


def downgrade():
    op.drop_index("ix_email", "users")
