"""The screens, as data: templates, styles, ES modules, catalogues."""

from pathlib import Path


def web_root() -> Path:
    """Return the folder with `templates/`, `static/` and `i18n/`."""
    return Path(__file__).resolve().parent
