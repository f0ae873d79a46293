"""What it amounted to: stored figures, the frozen editions of months, and links that show either to others."""

from reports.models.editions import Acknowledgement, Edition, EditionWords
from reports.models.figures import FigureState, PeriodFigure
from reports.models.share_links import ShareLink

__all__ = ["Acknowledgement", "Edition", "EditionWords", "FigureState", "PeriodFigure", "ShareLink"]
