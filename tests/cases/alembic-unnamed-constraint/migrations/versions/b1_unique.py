"""Names are taken once."""

import sqlalchemy as sa
from alembic import op

revision = "b1"
down_revision = "a1"


def upgrade():
    with op.batch_alter_table("users") as batch:
        batch.create_unique_constraint("uq_name", ["name"])


def downgrade():
    with op.batch_alter_table("users") as batch:
        batch.drop_constraint(None, type_="unique")
