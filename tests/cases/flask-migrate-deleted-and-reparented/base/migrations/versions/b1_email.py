"""An address."""

import sqlalchemy as sa
from alembic import op

revision = "b1"
down_revision = "a1"


def upgrade():
    op.add_column("users", sa.Column("email", sa.String(80)))


def downgrade():
    op.drop_column("users", "email")
