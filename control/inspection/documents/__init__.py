"""What is declared of parcels: orders, payments, waybills, inventories and lists, and what customs answers. Pure."""
