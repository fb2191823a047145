"""Items of the transcript that were taken down after they were public."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("removed_because", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("withheld", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_column("withheld")
        batch_op.drop_column("removed_because")
        batch_op.drop_column("removed_at")
