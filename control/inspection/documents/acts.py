"""What happens to documents, as the journal keeps it: somebody declares, customs answers."""

from enum import StrEnum

from msgspec import Struct

from coldport.ids import Person
from coldport.messages.observation import Moment
from control.inspection.documents.document import Document
from control.inspection.documents.receipts import CustomsReceipt


class Source(StrEnum):
    """Which way a document came."""

    API = "api"
    XML = "xml"
    """As a message of customs' format that its sender has sent to customs too: it is not declared once more."""
    SHEET = "sheet"
    HAND = "hand"


class Declared(Struct, frozen=True, kw_only=True, tag_field="entry", tag="declared"):
    """A document was declared, corrected or withdrawn."""

    document: Document
    source: Source
    at: Moment
    by: Person


class Receipted(Struct, frozen=True, kw_only=True, tag_field="entry", tag="receipted"):
    """An answer of customs came in."""

    receipt: CustomsReceipt
    at: Moment
    by: Person


DocumentAct = Declared | Receipted
