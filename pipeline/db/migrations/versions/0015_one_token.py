"""Marks the pages of documents that wait for review, to be put into the full text anew: FTS5 took their state for two words.

Only a number changes in each of their rows; `abhilekh work` puts them in anew in the background, and the filters ask the
rows until it is done.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Below zero: by the rules of that version, and waiting. Version 1 waits already.
    op.execute(
        "UPDATE indexed SET version = -version WHERE version > 1 AND page_id IN ("
        "SELECT page.id FROM page JOIN document ON document.id = page.document_id WHERE document.state = 'needs_review')"
    )
