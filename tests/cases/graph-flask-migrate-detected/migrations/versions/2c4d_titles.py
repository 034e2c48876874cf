"""Title

Revision ID: 2c4d
Revises: 1a0b
"""
import sqlalchemy as sa
from alembic import op

revision = "2c4d"
down_revision = "1a0b"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("books", sa.Column("title", sa.Text))


def downgrade():
    op.drop_column("books", "title")
