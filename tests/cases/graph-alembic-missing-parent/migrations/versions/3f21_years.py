"""Year

Revision ID: 3f21
Revises: 2c4d
"""
import sqlalchemy as sa
from alembic import op

revision = "3f21"
down_revision = "2c4d"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("books", sa.Column("year", sa.Text))


def downgrade():
    op.drop_column("books", "year")
