from alembic import context
from flask import current_app

url = current_app.config["SQLALCHEMY_DATABASE_URI"]
