"""What it amounted to: stored figures, and the frozen editions of months."""

from reports.models.editions import Acknowledgement, Edition, EditionWords
from reports.models.figures import FigureState, PeriodFigure

__all__ = ["Acknowledgement", "Edition", "EditionWords", "FigureState", "PeriodFigure"]
