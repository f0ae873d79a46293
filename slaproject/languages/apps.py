from django.apps import AppConfig


class LanguagesConfig(AppConfig):
    """The texts of the product and their translations."""

    name = "slaproject.languages"

    def ready(self) -> None:
        import slaproject.languages.checks  # noqa: F401
