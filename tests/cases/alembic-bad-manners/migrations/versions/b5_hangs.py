"""Never returns."""

import sqlalchemy as sa
from alembic import op

revision = "b5"
down_revision = "b4"


def upgrade():
    import time
    time.sleep(600)


def downgrade():
    pass
