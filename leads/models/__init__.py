"""What is happening: leads, their hand-offs, the attempts on them, and the deals they became."""

from leads.models.attempts import AttemptNote, FollowUpAttempt
from leads.models.boards import BoardRule
from leads.models.changes import ChangedDay
from leads.models.deals import Deal
from leads.models.disputes import Dispute
from leads.models.export_schedules import ExportSchedule
from leads.models.exports import Export, ExportPiece
from leads.models.hand_off_events import HandOffEvent
from leads.models.hand_offs import HandOff
from leads.models.held_back import HeldBack
from leads.models.import_undos import ImportUndo
from leads.models.imports import Import, ImportChange
from leads.models.leads import Lead
from leads.models.merges import Merge
from leads.models.moves import Move, MovedHandOff
from leads.models.pauses import Pause
from leads.models.ratings import Rating
from leads.models.routing import Absence, RoutingCap, RoutingDecision, RoutingRule, RoutingShare
from leads.models.uploads import Upload, UploadPiece

__all__ = [
    "Absence",
    "AttemptNote",
    "BoardRule",
    "ChangedDay",
    "Deal",
    "Dispute",
    "Export",
    "ExportPiece",
    "ExportSchedule",
    "FollowUpAttempt",
    "HandOff",
    "HandOffEvent",
    "HeldBack",
    "Import",
    "ImportChange",
    "ImportUndo",
    "Lead",
    "Merge",
    "Move",
    "MovedHandOff",
    "Pause",
    "Rating",
    "RoutingCap",
    "RoutingDecision",
    "RoutingRule",
    "RoutingShare",
    "Upload",
    "UploadPiece",
]
