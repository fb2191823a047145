"""The live room: claims, delayed publication, appeals, transfers, the line-up, errata, letters, rehearsals."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("interview", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rehearsal", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("publish_delay", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("peak", sa.Integer(), nullable=False, server_default="0"))

    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("of_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_item_of_id"), ["of_id"], unique=False)
        batch_op.create_foreign_key("fk_of_id", "item", ["of_id"], ["id"])

    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("appeal", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("to_body_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("to_body", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("claimed_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("publish_text", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("publish_by", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_question_publish_at"), ["publish_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_to_body_id"), ["to_body_id"], unique=False)
        batch_op.create_foreign_key("fk_publish_by", "person", ["publish_by"], ["id"])
        batch_op.create_foreign_key("fk_to_body_id", "body", ["to_body_id"], ["id"])
        batch_op.create_foreign_key("fk_claimed_by", "person", ["claimed_by"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_constraint("fk_publish_by", type_="foreignkey")
        batch_op.drop_constraint("fk_to_body_id", type_="foreignkey")
        batch_op.drop_constraint("fk_claimed_by", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_question_to_body_id"))
        batch_op.drop_index(batch_op.f("ix_question_publish_at"))
        batch_op.drop_column("publish_by")
        batch_op.drop_column("publish_text")
        batch_op.drop_column("publish_at")
        batch_op.drop_column("claimed_until")
        batch_op.drop_column("claimed_by")
        batch_op.drop_column("place")
        batch_op.drop_column("to_body")
        batch_op.drop_column("to_body_id")
        batch_op.drop_column("appealed_at")
        batch_op.drop_column("appeal")

    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_constraint("fk_of_id", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_item_of_id"))
        batch_op.drop_column("note")
        batch_op.drop_column("of_id")

    with op.batch_alter_table("interview", schema=None) as batch_op:
        batch_op.drop_column("peak")
        batch_op.drop_column("publish_delay")
        batch_op.drop_column("rehearsal")
