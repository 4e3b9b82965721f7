"""The history of the schema: one script in `versions` for each step, run by alembic inside `tutti.database.migrate`.

To add one: change `tables.py`, write `versions/NNNN_what.py` whose `down_revision` is the present last one, and append
NNNN to `REVISIONS` in `schema.py`. There is no way down: the copy made before an upgrade is the way back.
"""
