"""A currency for each user."""

import sqlalchemy as sa
from alembic import op

revision = "b1"
down_revision = "a1"


def upgrade():
    op.create_table("currency", sa.Column("id", sa.Integer, primary_key=True), sa.Column("code", sa.String(3), nullable=False))
    op.add_column("users", sa.Column("currency", sa.String(3)))
    op.create_foreign_key("fk_users_currency", "users", "currency", ["currency"], ["code"])


def downgrade():
    op.drop_constraint("fk_users_currency", "users", type_="foreignkey")
    op.drop_column("users", "currency")
    op.drop_table("currency")
