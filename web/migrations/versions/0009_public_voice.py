"""What the public says afterwards: ratings of answers and interviews, and who wants to be told of a question."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_rating",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_answer_rating_item_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_answer_rating_person_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id", "person_id", name="uq_answer_rating_item_person"),
    )
    op.create_index("ix_answer_rating_person_id", "answer_rating", ["person_id"])
    op.create_table(
        "interview_rating",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_interview_rating_interview_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_interview_rating_person_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("interview_id", "person_id", name="uq_interview_rating_interview_person"),
    )
    op.create_index("ix_interview_rating_person_id", "interview_rating", ["person_id"])
    op.create_table(
        "rating_tally",
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_rating_tally_interview_id"),
        sa.PrimaryKeyConstraint("interview_id"),
    )
    op.create_table(
        "follower",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("address_sealed", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_follower_question_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("question_id", "mark", name="uq_follower_question_mark"),
        sa.UniqueConstraint("key", name="uq_follower_key"),
    )
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unsubscribe", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_column("unsubscribe")
    for name in ("follower", "rating_tally", "interview_rating", "answer_rating"):
        op.drop_table(name)
