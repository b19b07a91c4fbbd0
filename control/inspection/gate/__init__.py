"""The gate (卡口): vehicle passes (核放单), the weighbridge, containers and seals, and the way to the port (转关)."""
