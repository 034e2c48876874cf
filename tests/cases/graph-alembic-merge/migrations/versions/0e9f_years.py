"""Year

Revision ID: 0e9f
Revises: 1a0b
"""
import sqlalchemy as sa
from alembic import op

revision = "0e9f"
down_revision = "1a0b"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("books", sa.Column("year", sa.Text))


def downgrade():
    op.drop_column("books", "year")
