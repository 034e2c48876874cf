"""Both

Revision ID: 0a11
Revises: 2c4d, 0e9f
"""
import sqlalchemy as sa
from alembic import op

revision = "0a11"
down_revision = ("2c4d", "0e9f")
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
