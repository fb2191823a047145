"""The office's own subjects of mails, beside their texts."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice_wording", sa.Column("subject", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("notice_wording", "subject")
