"""Books

Revision ID: 1a0b
Revises: 
"""
import sqlalchemy as sa
from alembic import op

revision = "1a0b"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("books", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("books")
