"""RFID readers that speak JSON: Impinj R700 (IoT device interface) and Zebra FX (IoT Connector)."""
