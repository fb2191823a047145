"""The assessment of the bodies."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _of_body(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        _key(table, "assessment_id", "assessment"),
        _key(table, "body_id", "body"),
        _key(table, "person_id", "person"),
    )


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("fixed_at", AT, nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("published_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("year", name="uq_assessment_year"),
    )
    op.create_table(
        "assessment_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=True),
        sa.Column("at", AT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_because", sa.String(), nullable=True),
        *_of_body("assessment_finding"),
        _key("assessment_finding", "file_id", "stored_file"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_assessment_finding_assessment_id"), "assessment_finding", ["assessment_id"], unique=False
    )
    op.create_table(
        "assessment_set_aside",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        _key("assessment_set_aside", "assessment_id", "assessment"),
        _key("assessment_set_aside", "person_id", "person"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("assessment_id", "ref", name="uq_assessment_set_aside"),
    )
    op.create_table(
        "assessment_self",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("half", sa.Integer(), nullable=False),
        sa.Column("hundredths", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("checked", sa.Integer(), nullable=True),
        sa.Column("checked_why", sa.String(), nullable=True),
        sa.Column("checked_at", AT, nullable=True),
        *_of_body("assessment_self"),
        _key("assessment_self", "file_id", "stored_file"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("assessment_id", "body_id", "half", name="uq_assessment_self"),
    )
    op.create_table(
        "assessment_third",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("hundredths", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        *_of_body("assessment_third"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("assessment_id", "body_id", name="uq_assessment_third"),
    )
    op.create_table(
        "assessment_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", AT, nullable=True),
        *_of_body("assessment_objection"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("assessment_id", "body_id", name="uq_assessment_objection"),
    )


def downgrade() -> None:
    for name in ("objection", "third", "self", "set_aside"):
        op.drop_table(f"assessment_{name}")
    op.drop_index(op.f("ix_assessment_finding_assessment_id"), table_name="assessment_finding")
    op.drop_table("assessment_finding")
    op.drop_table("assessment")
