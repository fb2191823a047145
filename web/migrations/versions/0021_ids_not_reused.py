"""The number of a row that was removed does not come back: SQLite counts on, as PostgreSQL's sequences do.

SQLite alone gives the number of the newest row again once that row is gone. The counting goes on after the largest
number that the table holds or that the audit chain has named. Numbers of ``ask`` and ``answer_link`` are not in the
chain; theirs goes on after what the table holds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_NAMED = (
    "SELECT max(CAST(substr(subject, instr(subject, ':') + 1) AS INTEGER)) FROM audit_entry"
    " WHERE subject >= '{kind}:' AND subject < '{kind};'"
)
_IN_DETAIL = (
    "SELECT max(json_extract(detail, '$.{name}')) FROM audit_entry"
    " WHERE subject >= '{kind}:' AND subject < '{kind};' AND act LIKE '{act}'"
)
_LISTED = (
    "SELECT max(one.value) FROM audit_entry, json_each(detail, '$.{name}') AS one"
    " WHERE subject >= '{kind}:' AND subject < '{kind};' AND act = '{act}'"
)
_WHERE_NAMED: dict[str, tuple[str, ...]] = {
    "catalog_entry": (_LISTED.format(kind="import", act="catalog.take_back", name="removed"),),
    "entry_revision": (_NAMED.format(kind="revision"),),
    "lexicon_line": (_NAMED.format(kind="lexicon"),),
    "miss_topic": (
        _NAMED.format(kind="topic"),
        _IN_DETAIL.format(kind="topic", act="topic.%", name="into"),
    ),
    "ask": (),
    "body_contact": (_IN_DETAIL.format(kind="body", act="contact.%", name="contact"),),
    "outbox_mail": (_NAMED.format(kind="outbox"),),
    "answer_link": (),
}
"""The tables whose rows are removed and whose numbers are said elsewhere, and where the chain names those numbers."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, queries in _WHERE_NAMED.items():
            _built_anew(table, counting=True)
            _count_on(table, queries)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _WHERE_NAMED:
            _built_anew(table, counting=False)


def _built_anew(table: str, *, counting: bool) -> None:
    options = {"sqlite_autoincrement": counting}
    with op.batch_alter_table(table, recreate="always", table_kwargs=options):
        pass


def _count_on(table: str, queries: tuple[str, ...]) -> None:
    run = op.get_bind().execute
    held = sa.select(sa.func.max(sa.column("id"))).select_from(sa.table(table))
    largest = [run(query).scalar() or 0 for query in (held, *map(sa.text, queries))]
    run(sa.text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table})
    row = {"table": table, "largest": max(largest)}
    run(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :largest)"), row)
