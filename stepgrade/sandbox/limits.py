"""What one submission may use; every number of the sandbox is set here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one submission.

    CPU time decides, because wall time depends on what else the machine does; wall time is for sleepers only.
    """

    cell_cpu_s: float = 10.0
    call_cpu_s: float = 2.0
    wall_s: float = 30.0  # of one cell or call
    start_wall_s: float = 60.0  # of the interpreter and its imports
    memory_mib: int = 4096  # address space; NumPy alone reserves several hundred
    message_bytes: int = 64 * 2**20
