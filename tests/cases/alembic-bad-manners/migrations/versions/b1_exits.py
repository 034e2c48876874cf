"""Ends the program."""

import sqlalchemy as sa
from alembic import op

revision = "b1"
down_revision = "a1"


def upgrade():
    import sys
    print("password=s3cr3t-of-this-shop")
    sys.exit(4)


def downgrade():
    pass
