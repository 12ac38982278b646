"""A new order like one that there is (``/order copy``): the form, filled with what can be read of it."""

from __future__ import annotations

from backends.quivo.new_order import from_order
from backends.quivo.order import Order
from handlers.answers import find_one
from handlers.context import Context
from handlers.creating import TITLE, new_card
from handlers.forms.filling import filled
from handlers.registry import Command
from handlers.render.order_form import order_form
from operations.creating import new_identifier


async def copy(ctx: Context) -> str:
    """Open the form for a new order with what the order has that was typed, under an identifier of its own."""
    return await find_one(ctx, TITLE, _filled)


async def _filled(ctx: Context, view_id: str, order: Order) -> str:
    copied = from_order(order, identifier=new_identifier(ctx.services.now()))
    card = await new_card(ctx)
    form = filled(copied, _labels(order))
    await ctx.slack.update_view(view_id, order_form(form, card_id=card.id))
    return "done"


def _labels(order: Order) -> dict[str, str]:
    named = {
        "sellerId": f"{order.seller_name} ({order.seller_id})" if order.seller_name else None,
        "warehouseId": f"Warehouse {order.warehouse_id}" if order.warehouse_id else None,
    }
    return {name: text for name, text in named.items() if text}


COMMANDS = (Command("/order", "copy", "<id or reference>", "Create an order like another one", copy),)
