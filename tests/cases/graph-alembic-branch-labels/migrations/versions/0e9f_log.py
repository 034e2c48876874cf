"""Log

Revision ID: 0e9f
Revises: 
"""
import sqlalchemy as sa
from alembic import op

revision = "0e9f"
down_revision = None
branch_labels = ("log",)
depends_on = "books"


def upgrade():
    op.create_table("log", sa.Column("id", sa.Integer))


def downgrade():
    op.drop_table("log")
