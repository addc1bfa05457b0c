"""Pure functions of bytes run elsewhere: in warm local processes, or on the machines of a Dask cluster.

Both are executors of `concurrent.futures`: ``submit(function, payload)`` gives a future. A function is at the top of a
module, is given bytes and returns bytes, and depends on nothing else; so it does not matter where it runs.
"""

from digest.pool.machines import SchedulerError, cluster, program_versions
from digest.pool.processes import here, local, ordered, usable_cores

__all__ = ["SchedulerError", "cluster", "here", "local", "ordered", "program_versions", "usable_cores"]
