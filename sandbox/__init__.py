"""Strict local stand-ins for Slack and the back ends (DESIGN.md §7); nothing here imports another room."""
