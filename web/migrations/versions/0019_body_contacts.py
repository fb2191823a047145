"""Whom one calls at a body: its contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "body_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=True),
        sa.Column("line", sa.String(), nullable=True),
        sa.Column("mobile", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("came_from", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_body_contact_body_id"),
        sa.ForeignKeyConstraint(["came_from"], ["body.id"], name="fk_body_contact_came_from"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_body_contact_body_id", "body_contact", ["body_id"])


def downgrade() -> None:
    op.drop_index("ix_body_contact_body_id", "body_contact")
    op.drop_table("body_contact")
