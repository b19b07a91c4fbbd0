"""The multimodal planner. Its room is reserved; nothing is built yet (DESIGN.md)."""
