"""Approvals of answers, promises, and what hangs on an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_rule",
        sa.Column("body_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_approval_rule_body_id"),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name="fk_approval_rule_approver_id"),
        sa.PrimaryKeyConstraint("body_id"),
    )
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_promise_interview_id"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_promise_question_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_promise_item_id"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_promise_body_id"),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name="fk_promise_duty_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_promise_person_id"),
        sa.ForeignKeyConstraint(["kept_by"], ["item.id"], name="fk_promise_kept_by"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("promise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promise_interview_id"), ["interview_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_promise_question_id"), ["question_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_promise_item_id"), ["item_id"], unique=False)
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("speaker", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("body_name", sa.String(), nullable=True),
        sa.Column("keeps_id", sa.Integer(), nullable=True),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_approval_interview_id"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_approval_question_id"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_approval_body_id"),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_approval_author_id"),
        sa.ForeignKeyConstraint(["keeps_id"], ["promise.id"], name="fk_approval_keeps_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_approval_decided_by"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_approval_item_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index("ix_approval_waiting", ["body_id", "status"], unique=False)
        batch_op.create_index("ix_approval_question", ["question_id"], unique=False)

    op.create_table(
        "answer_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("material_no", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_answer_link_interview_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_answer_link_item_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name="fk_answer_link_entry_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_answer_link_person_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("answer_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_link_interview_id"), ["interview_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_link_item_id"), ["item_id"], unique=False)
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reopened_due", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("reopened_duty_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_question_reopened_duty_id", "duty", ["reopened_duty_id"], ["id"])


def downgrade() -> None:
    op.drop_table("answer_link")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_constraint("fk_question_reopened_duty_id", type_="foreignkey")
        batch_op.drop_column("reopened_duty_id")
        batch_op.drop_column("reopened_due")
        batch_op.drop_column("reopened_at")
    op.drop_table("approval")
    op.drop_table("promise")
    op.drop_table("approval_rule")
