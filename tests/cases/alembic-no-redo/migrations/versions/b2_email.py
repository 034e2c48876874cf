"""An address."""

import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("email", sa.String(80)))


def downgrade():
    with op.batch_alter_table("users") as batch:
        batch.drop_column("email")
