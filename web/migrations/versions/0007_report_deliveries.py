"""Reports: who drafted and who signed a version, and how far each has come; files that go with a mail."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("body", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by_mail", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("acknowledged_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("comment", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("mail_key", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("mails", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("trouble", sa.String(), nullable=True))
        batch_op.alter_column("sent_at", existing_type=sa.DateTime(timezone=True), nullable=True)
        batch_op.create_index(batch_op.f("ix_delivery_mail_key"), ["mail_key"], unique=False)
    # What was sent by an earlier version lay in the inbox the moment it was queued.
    op.execute("UPDATE delivery SET queued_at = sent_at")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.alter_column("queued_at", existing_type=sa.DateTime(timezone=True), nullable=False)

    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("enclosures", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("drafted_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("signed_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key("fk_report_drafted_by", "person", ["drafted_by"], ["id"])
        batch_op.create_foreign_key("fk_report_signed_by", "person", ["signed_by"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_constraint("fk_report_signed_by", type_="foreignkey")
        batch_op.drop_constraint("fk_report_drafted_by", type_="foreignkey")
        batch_op.drop_column("signed_at")
        batch_op.drop_column("signed_by")
        batch_op.drop_column("drafted_by")

    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_column("enclosures")

    op.execute("DELETE FROM delivery WHERE sent_at IS NULL")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_mail_key"))
        batch_op.alter_column("sent_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        for name in (
            "trouble",
            "mails",
            "mail_key",
            "comment",
            "acknowledged_by",
            "acknowledged_at",
            "queued_at",
        ):
            batch_op.drop_column(name)

    with op.batch_alter_table("body", schema=None) as batch_op:
        batch_op.drop_column("by_mail")
