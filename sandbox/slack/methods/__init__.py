"""The Web API, one module for each family; importing this package registers them all."""

from sandbox.slack.methods import auth, chat, conversations, files, misc, users, views

__all__ = ["auth", "chat", "conversations", "files", "misc", "users", "views"]
