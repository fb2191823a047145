"""What each stretch of an import did, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_import_trace",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("traces", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["catalog_import.id"], name="fk_catalog_import_trace_import_id"
        ),
        sa.PrimaryKeyConstraint("import_id", "upto"),
    )


def downgrade() -> None:
    op.drop_table("catalog_import_trace")
