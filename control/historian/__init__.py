"""The measurement series for charts and reports: DuckDB, InfluxDB, VictoriaMetrics, and the twin in memory."""
