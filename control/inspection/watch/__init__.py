"""The watch list: whose parcels, and which goods, are opened whatever their papers say."""
