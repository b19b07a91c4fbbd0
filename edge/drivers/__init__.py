"""A protocol over a link, one module for each kind of device."""
