"""The two ways in which an import says no: to a file as a whole, and to one row of it."""


class CannotImport(Exception):
    """The file, or what was said about it, cannot be used at all; nothing was written. The text is for people."""


class Rejected(Exception):
    """One row cannot be used; the text says which cell and why. The other rows go on."""
