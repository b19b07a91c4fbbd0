"""The screens, as data: templates, styles, ES modules, catalogues."""
