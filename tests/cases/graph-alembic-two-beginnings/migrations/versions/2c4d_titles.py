"""Titles

Revision ID: 2c4d
Revises: 
"""
import sqlalchemy as sa
from alembic import op

revision = "2c4d"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("titles", sa.Column("id", sa.Integer))


def downgrade():
    op.drop_table("titles")
