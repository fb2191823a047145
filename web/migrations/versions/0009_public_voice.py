"""What the public says afterwards: ratings of answers and interviews, and who wants to be told of a question."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
