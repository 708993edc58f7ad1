"""Lists of a user's conversations, asked of a projection that has seen all that was said."""

from __future__ import annotations

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.contracts import queries as q
from runfold.contracts.conversations import ConversationHead
from runfold.contracts.cursors import run_before
from runfold.conversations.limits import checked_name, checked_user_id
from runfold.conversations.reading import unknown_conversation
from runfold.conversations.store import id_for_name
from runfold.conversations.views import ConversationView
from runfold.errors import NotFound


class ConversationPage(msgspec.Struct, frozen=True):
    """Conversations, the one that was used last first."""

    items: list[ConversationView]
    next_cursor: str


class ConversationLists:
    """Lists conversations.

    Args:
        bus: Where they are, and who is asked.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def page(
        self, user_id: str, *, cursor: str = "", limit: int = 50, name: str = ""
    ) -> ConversationPage:
        """A page of a user's conversations.

        Args:
            user_id: Whose.
            cursor: `next_cursor` of the page before.
            limit: How many at most.
            name: Only those of this name; empty: all.

        Raises:
            InvalidRequest: A cursor that is none.
            BusUnavailable: No projection answers, or it is behind.
        """
        run_before(cursor)
        query = q.ListConversations(
            user_id=checked_user_id(user_id),
            name=checked_name(name),
            cursor=cursor,
            limit=limit,
            seen=await self._bus.messages.last_seq(),
        )
        body = await self._bus.query(q.LIST_CONVERSATIONS, msgspec.json.encode(query))
        found = msgspec.json.decode(body, type=q.Answer[ConversationView])
        return ConversationPage(found.items, found.next_cursor)

    async def named(self, name: str, user_id: str) -> str:
        """The id of the user's conversation of a name; of several, the one that was used last.

        Raises:
            NotFound: The user has none.
            BusUnavailable: No projection answers, or it is behind.
        """
        usual = id_for_name(checked_name(name), checked_user_id(user_id))
        newest = await self._bus.messages.newest(usual, "head")
        head = newest.body if newest is not None else None
        if isinstance(head, ConversationHead) and head.change != "deleted" and head.name == name:
            return usual
        page = await self.page(user_id, name=name, limit=1)
        if not page.items:
            shown = unknown_conversation(name)
            raise NotFound(shown.message, code=shown.code)
        return page.items[0].conversation_id
