"""A local stand-in for Quivo's API, written from its fact sheet (`apis/quivo.md` §12) and strict where the sheet is."""

from sandbox.quivo.faults import Fault, FaultKind
from sandbox.quivo.journal import Seen
from sandbox.quivo.quivo import Quivo
from sandbox.quivo.switches import Switches

__all__ = ["Fault", "FaultKind", "Quivo", "Seen", "Switches"]
