from alembic import context

from library.models import metadata

context.configure(target_metadata=metadata)
