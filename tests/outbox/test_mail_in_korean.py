"""Mails in Korean: lines break between words, as on the pages, and not at any letter."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation


@pytest.mark.parametrize("template", ["outbox/mail/alerts.html", "outbox/mail/digest.html"])
@pytest.mark.parametrize(("language", "is_kept"), [("ko", True), ("pl", False), ("en", False)])
def test_words_stay_whole_in_korean_alone(template, language, is_kept):
    with translation.override(language):
        mail = render_to_string(template, {"words": {"subject": "S"}})
    assert f'<html lang="{language}"' in mail
    assert ("word-break: keep-all" in mail) is is_kept
