"""A local stand-in for QPilot's API, written from its fact sheet (`apis/qpilot.md` §9), strict where that is."""

from sandbox.qpilot.faults import Fault, FaultKind
from sandbox.qpilot.qpilot import Qpilot
from sandbox.qpilot.switches import Switches

__all__ = ["Fault", "FaultKind", "Qpilot", "Switches"]
