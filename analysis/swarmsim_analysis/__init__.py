"""Reads and analyses what swarmsim writes: results of runs (Run) and of studies (Study). See
docs/analysis.md.

    from swarmsim_analysis import Run, Study, metrics, paired, pareto, plots, sobol
"""
from . import intervals, metrics, paired, pareto, plots, sobol
from .result_file import ResultError
from .run import Run
from .study import SaltelliSample, Study

__all__ = ["ResultError", "Run", "SaltelliSample", "Study", "intervals", "metrics", "paired", "pareto",
           "plots", "sobol"]
