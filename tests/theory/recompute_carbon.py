#!/usr/bin/python3
"""Runs a small scenario and recomputes its carbon, its totals and its shares from the result file alone.

usage: recompute_carbon.py SWARMSIM
"""
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import h5py
    import netCDF4  # noqa: F401  (the engine of the second reading)
    import numpy as np
    import xarray as xr
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SCENARIO = """
regions = ["BD", "KE", "DE"]
[run]
warmup = "2h"
duration = "10h"
[workload]
requests_per_hour = 3000
[specialists]
hidden_1 = 8
hidden_2 = 0
lineages = 1
training_samples = 500
[record]
chunk_steps = 50
[[site]]
name = "DE-1"
region = "DE"
servers = 20
contracted_renewable = 0.6
[[site]]
name = "DE-2"
region = "DE"
device = "datacentre-gpu"
servers = 4
pue = 1.1
"""

REGION = """requests_arrived requests_served requests_rejected requests_pending accuracy energy_kwh carbon_location_g
carbon_market_g carbon_intensity price_usd_per_kilotoken spend_usd""".split()
SITE = "grid_kwh carbon_intensity carbon_location_g".split()
SUMMARY = """requests_arrived requests_served accuracy energy_kwh carbon_location_g carbon_market_g spend_usd
correct_per_joule served_share_south served_share_north gini_wallet token_supply token_sum_of_accounts""".split()


def close(name, got, want, tolerance=1e-9):
    got, want = np.asarray(got, float), np.asarray(want, float)
    error = np.max(np.abs(got - want) - tolerance * np.abs(want), initial=0)
    assert got.shape == want.shape and np.all(np.isfinite(got)) and error <= 0, f"{name}: {got} is not {want}"


def check_contract(f):
    for group, names in (("region", REGION), ("site", SITE), ("summary", SUMMARY)):
        for name in names:
            assert name in f[group], f"/{group}/{name} is missing"
    for name in SITE:
        assert f["site"][name].dtype == np.float64, f"/site/{name} is {f['site'][name].dtype}"
    for name in ("token_supply", "token_sum_of_accounts"):
        assert f["summary"][name].dtype == np.int64
    assert f.attrs["filetype"] in ("swarmsim", b"swarmsim")
    described = 0

    def describe(path, item):
        nonlocal described
        if not isinstance(item, h5py.Dataset):
            return
        name = item.attrs.get("NAME", b"")
        if bytes(name if isinstance(name, bytes) else str(name).encode()).startswith(b"This is a netCDF dimension but not"):
            return
        for attribute in ("units", "long_name", "kind"):
            assert attribute in item.attrs, f"{path} has no {attribute}"
        kind = item.attrs["kind"]
        kind = kind.decode() if isinstance(kind, bytes) else kind
        assert kind in ("executed", "modelled", "accounting"), f"{path} is of kind {kind}"
        described += 1

    f.visititems(describe)
    assert described > 60, described


def check_readers(path, groups):
    for group in groups:
        a = xr.open_dataset(path, group=group, engine="h5netcdf", decode_timedelta=False)
        b = xr.open_dataset(path, group=group, engine="netcdf4", decode_timedelta=False)
        xr.testing.assert_equal(a, b)
        assert len(a.data_vars) > 0, group
        a.close()
        b.close()


def recompute(path):
    region = xr.open_dataset(path, group="region", engine="h5netcdf")
    site = xr.open_dataset(path, group="site", engine="h5netcdf")
    summary = xr.open_dataset(path, group="summary", engine="h5netcdf")

    # Location-based carbon: energy from the grid times the grid's intensity. Market-based: less what is contracted.
    carbon = site.grid_kwh * site.carbon_intensity
    close("/site/carbon_location_g", site.carbon_location_g, carbon)
    contracted = xr.where(site.site == "DE-1", 0.6, 0.0)
    market = carbon * (1 - contracted)

    # A region is the sum of its sites.
    home = {"BD": ["BD-1"], "KE": ["KE-1"], "DE": ["DE-1", "DE-2"]}
    for name, sites in home.items():
        of = region.sel(region=name)
        close(f"energy of {name}", of.energy_kwh, site.grid_kwh.sel(site=sites).sum("site"))
        close(f"carbon of {name}", of.carbon_location_g, carbon.sel(site=sites).sum("site"))
        close(f"market-based carbon of {name}", of.carbon_market_g, market.sel(site=sites).sum("site"))
        for s in sites:
            close(f"intensity at {s}", site.carbon_intensity.sel(site=s), of.carbon_intensity)

    # The summary is the sum over what came after the warm-up.
    counts = region.isel(time=(region.in_warmup.isel(region=0) == 0).values)
    assert counts.sizes["time"] == 120 and region.sizes["time"] == 144
    for name in ("requests_arrived", "requests_served", "energy_kwh", "carbon_location_g", "carbon_market_g", "spend_usd"):
        close(f"/summary/{name}", summary[name], counts[name].sum())
    correct = float(counts.requests_correct.sum())
    close("/summary/accuracy", summary.accuracy, correct / float(counts.requests_served.sum()))
    joules = float(counts.energy_kwh.sum()) * 3.6e6
    close("/summary/correct_per_joule", summary.correct_per_joule, correct * float(summary.multiplicity) / joules)
    assert float(counts.requests_served.sum()) > 20000 and float(carbon.sum()) > 0

    # Requests: arrived = served + rejected + what is still pending, at every step of the whole run.
    flow = (region.requests_arrived.astype("int64") - region.requests_served - region.requests_rejected).cumsum("time")
    assert (flow == region.requests_pending).all()
    # Served share: in time / (arrived + pending at the start − pending at the end).
    in_time = counts.requests_served.astype("int64").sum("time") - counts.requests_late.astype("int64").sum("time")
    before = region.requests_pending.astype("int64").isel(time=23)
    after = region.requests_pending.astype("int64").isel(time=-1)
    due = counts.requests_arrived.astype("int64").sum("time") + before - after
    south = ["BD", "KE"]
    close("/summary/served_share_south", summary.served_share_south,
          float(in_time.sel(region=south).sum()) / float(due.sel(region=south).sum()))
    close("/summary/served_share_north", summary.served_share_north,
          float(in_time.sel(region="DE")) / float(due.sel(region="DE")))
    assert int(summary.token_supply) == int(summary.token_sum_of_accounts) > 0


def must_fail(check, what):
    try:
        check()
    except AssertionError:
        return
    raise SystemExit(f"the check did not notice {what}")


def mutants(path):
    """The same checks on files that are wrong in one figure."""
    def spoil(name, change):
        copy = path.with_name("spoilt.h5")
        copy.write_bytes(path.read_bytes())
        with h5py.File(copy, "r+") as f:
            change(f, name)
        return copy

    def nudge(f, name):
        values = f[name][()]
        if values.ndim:
            values.flat[-1] = values.flat[-1] * (1 + 1e-8) if values.dtype.kind == "f" else values.flat[-1] + 1
        else:
            values = values * (1 + 1e-8) if f[name].dtype.kind == "f" else values + 1
        f[name][...] = values

    for name in ("site/carbon_location_g", "region/carbon_market_g", "summary/carbon_location_g", "summary/token_supply",
                 "region/requests_pending", "summary/energy_kwh", "site/carbon_intensity"):
        must_fail(lambda: recompute(spoil(name, nudge)), f"a change of {name}")
    def check(copy):
        with h5py.File(copy) as f:
            check_contract(f)
    must_fail(lambda: check(spoil("region/spend_usd", lambda f, n: f[n].attrs.__delitem__("units"))), "missing units")


def main():
    swarmsim = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        scenario, result = folder / "small.toml", folder / "small.h5"
        scenario.write_text(SCENARIO)
        run = subprocess.run([swarmsim, "run", scenario, "-o", result, "--progress", "never", "--set",
                              f"run.cache_dir='{folder}'"], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        with h5py.File(result) as f:
            check_contract(f)
            groups = [name for name in f if isinstance(f[name], h5py.Group)]
        check_readers(result, groups)
        recompute(result)
        mutants(result)
    print("recomputed")


main()
