"""Posts."""

import sqlalchemy as sa
from alembic import op

revision = "b1"
down_revision = "a1"


def upgrade():
    op.create_table("posts", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String(80)))


def downgrade():
    op.drop_table("posts")
