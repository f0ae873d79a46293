"""`manage.py verify_agreements`: is every agreement's record as it was written?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Agreement
from agreements.printed_heads import Head, head_in_pdf, typed_head
from agreements.readings.verification import strangers, verify


class Command(BaseCommand):
    """A line for each agreement and each finding; ends with 1 when something was found."""

    help = "Verify the records of agreements. Heads from PDFs or notes find a record that was rewritten as a whole."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--agreement", metavar="SLUG", help="only this one")
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="SLUG:POSITION:SHA256",
            help="as this command prints it",
        )
        parser.add_argument(
            "--pdf", action="append", default=[], metavar="FILE", help="a signed document from outside"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        agreements = Agreement.objects.order_by(Lower("slug"))
        if options["agreement"]:
            agreements = agreements.filter(slug=options["agreement"])
            if not agreements:
                raise CommandError(_("There is no agreement %(slug)s.") % {"slug": options["agreement"]})
        heads = [*map(_typed, options["head"]), *map(_printed, options["pdf"])]
        found = [] if options["agreement"] else strangers()
        known = {agreement.slug for agreement in agreements}
        found += [
            _("%(head)s: there is no such agreement.") % {"head": head.seen_in}
            for head in heads
            if head.agreement not in known
        ]
        for agreement in agreements:
            verified = verify(agreement, heads)
            self.stdout.write(verified.summary)
            found += verified.lines
        for line in found:
            self.stdout.write(line)
        if found:
            count = ngettext("%(n)s finding.", "%(n)s findings.", len(found)) % {"n": len(found)}
            raise CommandError(count, returncode=1)


def _typed(text: str) -> Head:
    head = typed_head(text)
    if head is None:
        raise CommandError(_("%(head)s is no head: SLUG:POSITION:SHA256 is needed.") % {"head": text})
    return head


def _printed(name: str) -> Head:
    try:
        head = head_in_pdf(Path(name).read_bytes(), seen_in=name)
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be read: %(reason)s") % {"file": name, "reason": error.strerror}
        ) from None
    if head is None:
        raise CommandError(_("%(file)s is no signed document of this product.") % {"file": name})
    return head
