"""One run's result file."""
import tomllib

from .result_file import ResultError, ResultFile

_GROWING = {"summary": None, "decision": "decision"}  # all others grow along time
_WHY_ABSENT = {"summary": "a run writes it when it finishes",
               "agent": "record.agents = 0 leaves it out", "decision": "record.decisions = 0 leaves it out"}


class Run:
    """The reader of what one run wrote; docs/format.md lists every dataset.

        with Run("pilot.h5") as run:
            print(run.seed, float(run.summary.energy_kwh))
            run.region.carbon_location_g.sum("time")

    Groups are xarray Datasets, opened when first asked for and read when values are looked at, so `with` or
    `close` belongs after the last look. Variables keep their attributes `units`, `long_name` and `kind`;
    `time` is decoded to instants (UTC), the start of each step.

    Partial files work too: `NAME.h5.partial` of a run that is going on, was stopped or was killed. They hold
    what was flushed (at checkpoints) before they were opened, `finished` is False, and what is written at the
    end is not there yet: /summary, and home, type and model of the specialists in /agent. Reading disturbs no
    run. To look again, close and open anew.

    Errors are ResultError and name the file: absent, a folder, not HDF5, not a run's result, truncated, or
    without the group asked for. Damage inside compressed data shows only when HDF5 reads those values, as an
    OSError of HDF5.
    """

    def __init__(self, path):
        self._file = ResultFile(path, "swarmsim")
        self.path = self._file.path
        self._opened = {}

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.close()

    def __repr__(self):
        state = "" if self.finished else ", not finished"
        return f"Run({str(self.path)!r}: {self.scenario_name}, seed {self.seed}{state})"

    def close(self):
        self._opened.clear()
        self._file.close()

    # ---- root attributes -----------------------------------------------------------------------------------

    @property
    def provenance(self):
        """Every root attribute by name: versions, host, command line, times, and those below."""
        return dict(self._file.attributes)

    @property
    def finished(self):
        """Whether the run came to its end; False for a partial file."""
        return "finished" in self._file.attributes

    @property
    def seed(self):
        """Root attribute `seed`: what makes this run differ from its replicates."""
        return int(self._file.attributes["seed"])

    @property
    def master_seed(self):
        """Root attribute `master_seed` of runs made with --replicates, else None."""
        return self._file.attributes.get("master_seed")

    @property
    def replicate(self):
        """Root attribute `replicate`, from 0, of runs made with --replicates, else None."""
        return self._file.attributes.get("replicate")

    @property
    def scenario_name(self):
        """Root attribute `scenario_name`."""
        return self._file.attributes["scenario_name"]

    @property
    def title(self):
        """Root attribute `title`: the scenario's question."""
        return self._file.attributes["title"]

    @property
    def scenario(self):
        """Root attribute `scenario`: the scenario file as it was written."""
        return self._file.attributes["scenario"]

    @property
    def scenario_effective(self):
        """Root attribute `scenario_effective`: TOML text of every key with the value in force."""
        return self._file.attributes["scenario_effective"]

    @property
    def settings(self):
        """`scenario_effective` as nested dictionaries, e.g. settings["pricing"]["rule"]; tables are lists."""
        return tomllib.loads(self.scenario_effective)

    @property
    def overrides(self):
        """Root attribute `overrides` as a list of "key=value": what the command line changed."""
        return [line for line in self._file.attributes["overrides"].split("\n") if line]

    # ---- groups --------------------------------------------------------------------------------------------

    @property
    def groups(self):
        """Names of the groups that this file has."""
        return self._file.groups

    def _group(self, name):
        if name not in self.groups:
            why = _WHY_ABSENT.get(name, "the run did not record it")
            hint = "; go on with 'swarmsim run --resume'" if name == "summary" and not self.finished else ""
            raise ResultError(f"{self.path}: has no group /{name} ({why}){hint}")
        if name not in self._opened:
            self._opened[name] = self._file.dataset(f"/{name}", _GROWING.get(name, "time"))
        return self._opened[name]

    @property
    def region(self):
        """/region: time × region. Requests, accuracy, spending and prices by asking region, energy and carbon
        by serving region; warm-up included (`in_warmup`)."""
        return self._group("region")

    @property
    def site(self):
        """/site: time × site. Energy, carbon and use of servers."""
        return self._group("site")

    @property
    def purpose(self):
        """/purpose: time × purpose. Requests and spending by what they are for."""
        return self._group("purpose")

    @property
    def market(self):
        """/market: time × market. Orders and prices by serving region and problem type."""
        return self._group("market")

    @property
    def agent(self):
        """/agent: sampled time × sampled specialist. Wallets, energy and answers since the start."""
        return self._group("agent")

    @property
    def decision(self):
        """/decision: one row per explained decision about a request. Codes have `flag_values` and
        `flag_meanings`."""
        return self._group("decision")

    @property
    def summary(self):
        """/summary: what the run found after its warm-up, scalars and tables."""
        return self._group("summary")
