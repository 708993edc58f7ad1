"""All that is done with conversations, on one bus."""

from __future__ import annotations

from runfold.bus.ports.bus import Bus
from runfold.conversations.lists import ConversationLists
from runfold.conversations.messages import Messages
from runfold.conversations.store import ConversationStore


class Conversations:
    """Conversations, their messages, and lists of them.

    Args:
        bus: Where they are.
    """

    def __init__(self, bus: Bus) -> None:
        self.store = ConversationStore(bus)
        self.messages = Messages(bus, self.store.reading)
        self.lists = ConversationLists(bus)
