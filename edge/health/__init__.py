"""How the gateway, its clock, its lines and its devices do."""
