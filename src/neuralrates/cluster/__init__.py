"""Label stores larger than memory, made by one process, many, or a cluster under Ray: the same to the last bit.

A store is a folder of Parquet files, its shards, and a manifest. Every shard has a key of its own, so that who makes it, and
when, changes nothing; a run that was stopped goes on.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.cluster.executor import AbstractExecutor as AbstractExecutor
    from neuralrates.cluster.executor import InProcess as InProcess
    from neuralrates.cluster.labelling import make_labels as make_labels
    from neuralrates.cluster.local_processes import LocalProcesses as LocalProcesses
    from neuralrates.cluster.ray_cluster import RayCluster as RayCluster
    from neuralrates.cluster.store import LabelStore as LabelStore

_WHERE = {
    "AbstractExecutor": "cluster.executor",
    "InProcess": "cluster.executor",
    "LabelStore": "cluster.store",
    "LocalProcesses": "cluster.local_processes",
    "RayCluster": "cluster.ray_cluster",
    "make_labels": "cluster.labelling",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
