"""Is run all the same."""

import sqlalchemy as sa
from alembic import op

revision = "b6"
down_revision = "b5"


def upgrade():
    op.create_table("more", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("more")
