"""Customs' messages as XML (GACC 202205): read whatever is meant, write what the schema asks for. Pure."""
