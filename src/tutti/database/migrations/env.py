"""Alembic's entry: run the scripts on the connection handed over by `migrate.upgrade`, inside its transaction."""

from alembic import context

from tutti.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can alter little of a table in place; alembic makes it anew instead.
    render_as_batch=True,
)
context.run_migrations()
