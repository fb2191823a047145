"""Webhooks beside mail, tries and delays of the outbox, and what each person wants to be told by which way."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FIRST_WORD = {
    "sqlite": "substr(key, 1, instr(key, ':') - 1)",
    "postgresql": "split_part(key, ':', 1)",
}


def upgrade() -> None:
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(), nullable=False, server_default="mail"))
        batch_op.add_column(sa.Column("kind", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("about", sa.JSON(), nullable=False, server_default="{}"))
    op.execute(f"UPDATE outbox_mail SET kind = {FIRST_WORD[op.get_bind().dialect.name]}")  # noqa: S608
    op.execute("UPDATE outbox_mail SET kind = 'reminder' WHERE kind = 'notice'")
    op.execute("UPDATE outbox_mail SET kind = 'follow' WHERE kind = 'followed'")
    op.create_table(
        "outbox_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["outbox_mail.id"], name="fk_outbox_try_mail_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outbox_try_mail_id", "outbox_try", ["mail_id"])
    op.create_table(
        "outbox_delay",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind"),
    )
    op.create_table(
        "notice_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("allowed", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "channel", name="uq_notice_rule_kind_channel"),
    )
    op.create_table(
        "notice_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_notice_choice_person_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "kind", "channel", name="uq_notice_choice_person_kind_channel"),
    )
    op.create_table(
        "notice_contact",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_notice_contact_person_id"),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "pack_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_pack_reading_interview_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_pack_reading_person_id"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_pack_reading_body_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("interview_id", "person_id", name="uq_pack_reading_interview_person"),
    )
    op.create_table(
        "notice_wording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_notice_wording_person_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "version", name="uq_notice_wording_kind_version"),
    )


def downgrade() -> None:
    for name in (
        "notice_wording",
        "pack_reading",
        "notice_contact",
        "notice_choice",
        "notice_rule",
        "outbox_delay",
        "outbox_try",
    ):
        op.drop_table(name)
    # An older programme knows no webhooks and would send their rows as mail, and nobody would let go what is held.
    op.execute("DELETE FROM outbox_mail WHERE channel <> 'mail'")
    op.execute("UPDATE outbox_mail SET status = 'queued' WHERE status = 'held'")
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        for name in ("about", "kind", "channel"):
            batch_op.drop_column(name)
