"""Countries with their states, and where this store ships to (`apis/vendo.md` §9, §10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.vendo.ids import uid

_STATES = (
    "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,"
    "DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,"
    "KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,"
    "MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,"
    "NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,SC South Carolina,"
    "SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,"
    "WY Wyoming"
)


@dataclass(frozen=True)
class Country:
    """A country; `tax` is part of prices, or added to them; `states` maps an abbreviation to a name."""

    iso: str
    iso3: str
    name: str
    tax: Decimal = Decimal(0)
    included: bool = True
    ships: bool = True
    states: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its UUID."""
        return uid("country", self.iso)

    def state(self, text: str) -> tuple[str, str] | None:
        """Return (abbreviation, name) of the state that is written either way, or None."""
        known = (pair for pair in self.states.items() if text.strip().lower() in (pair[0].lower(), pair[1].lower()))
        return next(known, None)


US = Country(
    "US", "USA", "United States", Decimal("0.10"), False, states=dict(s.split(" ", 1) for s in _STATES.split(","))
)
COUNTRIES = (
    US,
    Country("GB", "GBR", "United Kingdom", Decimal("0.20")),
    Country("PL", "POL", "Poland", Decimal("0.23")),
    Country("DE", "DEU", "Germany", Decimal("0.19")),
    Country("JP", "JPN", "Japan", ships=False),
)
DEFAULT = US


def country(iso: object) -> Country | None:
    """Return the country with this ISO 3166-1 code of two or three letters, or None."""
    wanted = iso.upper() if isinstance(iso, str) else None
    return next((one for one in COUNTRIES if wanted in (one.iso, one.iso3)), None)
