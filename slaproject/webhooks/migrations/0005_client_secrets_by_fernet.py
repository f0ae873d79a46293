"""Client secrets that were sealed by joining them to a pad are sealed by Fernet, in longer columns."""

from django.conf import settings
from django.db import migrations, models
from django.utils.crypto import salted_hmac

from slaproject.webhooks import signing

COLUMNS = {"sealed": "salt", "older_sealed": "older_salt"}
SHORTER = 128
"""So long the columns were before."""


def _joined(text, salt, key):
    pad = salted_hmac("slaproject.webhooks.seal", salt, secret=key, algorithm="sha512").digest()
    return bytes(one ^ other for one, other in zip(text, pad, strict=False))


def _opened(text, salt):
    """The secret under the first key, present or past, that makes readable text of it; b"" where none does."""
    try:
        joined = bytes.fromhex(text)
    except ValueError:  # no pad: cut off on the way back
        return b""
    for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        secret = _joined(joined, salt, key)
        if secret.isascii() and secret.decode().isprintable():
            return secret
    return b""


def _seal_by(changed, apps):
    for inlet in apps.get_model("webhooks", "Inlet").objects.exclude(sealed=""):
        for column, salt in COLUMNS.items():
            setattr(inlet, column, changed(getattr(inlet, column), getattr(inlet, salt)))
        inlet.save(update_fields=list(COLUMNS))


def seal_anew(apps, schema_editor):
    """One that no key opens stays as it is: it let nobody in before, and lets nobody in after."""

    def changed(text, salt):
        secret = text and _opened(text, salt)
        return signing.sealed(secret) if secret else text

    _seal_by(changed, apps)


def seal_as_before(apps, schema_editor):
    """One that no key opens is cut off to the length that the columns had: it opens nothing, and is not nothing."""

    def changed(text, salt):
        secret = next(iter(signing.unsealed([text])), b"")
        return _joined(secret, salt, settings.SECRET_KEY).hex() if secret else text[:SHORTER]

    _seal_by(changed, apps)


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0004_hubspot_signs_itself")]

    operations = [
        migrations.AlterField(
            model_name="inlet",
            name="older_sealed",
            field=models.CharField(
                blank=True, editable=False, max_length=200, verbose_name="given secret before, sealed"
            ),
        ),
        migrations.AlterField(
            model_name="inlet",
            name="sealed",
            field=models.CharField(
                blank=True, editable=False, max_length=200, verbose_name="given secret, sealed"
            ),
        ),
        migrations.RunPython(seal_anew, seal_as_before),
    ]
