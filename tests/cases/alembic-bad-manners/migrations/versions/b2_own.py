"""Opens a connection of its own and leaves a transaction open on it."""

import sqlalchemy as sa
from alembic import op
from alembic import context

kept = None

revision = "b2"
down_revision = "b1"


def upgrade():
    global kept
    kept = sa.create_engine(context.config.get_main_option("sqlalchemy.url")).connect()
    kept.execute(sa.text("SELECT 1 FROM users"))
    op.create_table("own", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("own")
