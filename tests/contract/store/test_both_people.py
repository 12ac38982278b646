"""Who has something in a team, on both databases (CHECKS C11)."""

from __future__ import annotations

from store_world import house, sealer_of

from store.keyring import new_key


async def test_everybody_with_a_connection_or_a_cart(place: str) -> None:
    """Each once, in order, of this team only; who has removed everything is not there any more."""
    async with house(place, sealer_of(new_key())) as home:
        for team, user, back_end in (
            ("T1", "U2", "quivo"),
            ("T1", "U2", "vendo"),
            ("T1", "U1", "qpilot"),
            ("T2", "U9", "quivo"),
        ):
            await home.vault.connect(team, user, back_end, account="a", keeps_password=False, secrets={"session": b"s"})
        for team, user in (("T1", "U2"), ("T1", "U3"), ("T2", "U8")):
            await home.carts.keep(team, user, "C1", number="R1", store="s", currency=None, token="t")
        assert [home.vault.people(team) for team in ("T1", "T2", "T3")] == [["U1", "U2", "U3"], ["U8", "U9"], []]
        await home.carts.forget_person("T1", "U3")
        await home.vault.disconnect("T1", "U1", "qpilot")
        await home.vault.disconnect("T1", "U2", "quivo")
        assert home.vault.people("T1") == ["U2"]
