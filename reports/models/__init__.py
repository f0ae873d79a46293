"""What it amounted to: stored figures, the frozen editions of months, and links that show either to others."""

from reports.models.checks import FigureCheck
from reports.models.editions import Acknowledgement, Edition, EditionWords
from reports.models.figures import FigureState, PeriodFigure
from reports.models.saved_views import DefaultView, SavedView
from reports.models.share_links import ShareLink

__all__ = [
    "Acknowledgement",
    "DefaultView",
    "Edition",
    "EditionWords",
    "FigureCheck",
    "FigureState",
    "PeriodFigure",
    "SavedView",
    "ShareLink",
]
