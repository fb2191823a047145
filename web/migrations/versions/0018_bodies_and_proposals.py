"""What became of bodies (renamed, merged), and the themes that keep coming as proposed interviews."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("body", sa.Column("merged_into", sa.Integer(), nullable=True))
    op.create_table(
        "body_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_body_change_body_id"),
        sa.ForeignKeyConstraint(["into_id"], ["body.id"], name="fk_body_change_into_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_body_change_person_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_body_change_body_id", "body_change", ["body_id"])
    op.create_table(
        "theme_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_theme_decision_person_id"),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("theme_decision")
    op.drop_index("ix_body_change_body_id", "body_change")
    op.drop_table("body_change")
    op.drop_column("body", "merged_into")
