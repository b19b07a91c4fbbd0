"""The rules of a plan, by the letter of DESIGN.md. Shares no code with pricing, network or solvers; see `validate`."""
