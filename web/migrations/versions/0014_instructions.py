"""Instructions of the supervisor with their steps, and deviations that were asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instruction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("regulation", sa.String(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("duty_id", sa.Integer(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("act_by", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("late_workdays", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_instruction_body_id"),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_instruction_interview_id"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_instruction_question_id"),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name="fk_instruction_duty_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_instruction_body", "instruction", ["body_id", "status"])
    op.create_index("ix_instruction_status", "instruction", ["status"])
    op.create_table(
        "instruction_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instruction_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("doer", sa.String(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("late_workdays", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["instruction.id"], name="fk_instruction_step_instruction_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_instruction_step_person_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_instruction_step_instruction_id", "instruction_step", ["instruction_id"])
    op.create_table(
        "waiver_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_waiver_request_interview_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_waiver_request_person_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_waiver_request_interview_id", "waiver_request", ["interview_id"])


def downgrade() -> None:
    op.drop_table("waiver_request")
    op.drop_table("instruction_step")
    op.drop_table("instruction")
