"""How many rows of a file are new, and how many change what is there, counted when it was read."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("catalog_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("foreseen", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("catalog_import", schema=None) as batch_op:
        batch_op.drop_column("foreseen")
