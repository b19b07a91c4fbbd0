"""Customs as a device of the site: declarations go out as files, answers come in as files."""
