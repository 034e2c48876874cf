"""Posts of users."""

import sqlalchemy as sa
from alembic import op

revision = "b1"
down_revision = "a1"


def upgrade():
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("author", sa.Integer, sa.ForeignKey("users.id", name="fk_author")),
        sa.Column("title", sa.String(80)),
    )
    op.create_index("ix_author", "posts", ["author"])
    op.create_index("ix_title", "posts", ["title"])


def downgrade():
    op.drop_index("ix_title", "posts")
    op.drop_index("ix_writer", "posts")
    op.drop_index("ix_author", "posts")
    op.drop_table("posts")
