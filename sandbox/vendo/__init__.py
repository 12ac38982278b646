"""A local stand-in for Vendo's Storefront API v2, written from its fact sheet (`apis/vendo.md`), as strict as that."""

from sandbox.quivo.journal import Seen
from sandbox.vendo.faults import Fault, FaultKind
from sandbox.vendo.switches import Switches
from sandbox.vendo.vendo import BASE, Mail, Vendo

__all__ = ["BASE", "Fault", "FaultKind", "Mail", "Seen", "Switches", "Vendo"]
