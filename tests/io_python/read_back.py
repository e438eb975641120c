#!/usr/bin/python3
"""Opens the sample file of tests/unit/io/sample.hpp with the readers people use and compares every value.

usage: read_back.py UNIT_IO
UNIT_IO is the unit test program of the room; it writes the file. Exit code 77 means: a reader is not installed.
"""
import os
import subprocess
import sys
import tempfile

try:
    import h5py
    import netCDF4
    import numpy as np
    import xarray
    import h5netcdf  # noqa: F401  (the engine of xarray)
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

STEPS = 40
REGIONS = ["BD", "KE", "Deutschland-Süd"]
MASK = (1 << 64) - 1
# group: (every n-th step, growing axis, {variable: (column number, dtype, inner axes, units, kind)})
GROUPS = {
    "region": (1, "time", {
        "energy_kwh": (0, "f8", ("region",), "kWh", "modelled"),
        "latency_s": (1, "f4", ("region", "slot"), "s", "modelled"),
        "requests": (2, "i8", ("region",), "1", "executed"),
        "change": (3, "i4", ("region",), "1", "executed"),
        "served": (4, "u4", (), "1", "executed"),
        "mode": (5, "i1", ("region",), "1", "accounting"),
        "raw": (6, "u1", ("slot",), "1", "executed"),
    }),
    "agent": (5, "time", {"wallet": (0, "i8", ("agent",), "uTKN", "accounting")}),
    "evolution": (7, "generation", {"mean_trait": (0, "f8", ("trait",), "1", "executed")}),
}
LENGTHS = {"region": 3, "slot": 4, "agent": 5, "trait": 2}


def mix(x):
    x ^= x >> 33
    x = x * 0xFF51AFD7ED558CCD & MASK
    x ^= x >> 33
    x = x * 0xC4CEB9FE1A85EC53 & MASK
    return x ^ (x >> 33)


def expected(group, column, rows, inner):
    """The values of one column, as sample::value gives them."""
    places = int(np.prod([LENGTHS[a] for a in inner], dtype=int))
    number = list(GROUPS).index(group)
    modulus = 3 if (number, column) == (0, 5) else 100
    flat = [mix(mix(mix(number * 97 + column) + row) + k & MASK) % modulus for row in range(rows) for k in range(places)]
    return np.array(flat).reshape((rows, *[LENGTHS[a] for a in inner]))


def check_variable(data, group, name, rows, every, growing):
    column, dtype, inner, units, kind = GROUPS[group][2][name]
    assert data.dims == (growing, *inner), (name, data.dims)
    assert data.dtype == np.dtype(dtype), (name, data.dtype)
    np.testing.assert_array_equal(data.values, expected(group, column, rows, inner))
    assert data.attrs["units"] == units and data.attrs["kind"] == kind and data.attrs["long_name"], data.attrs
    assert "_FillValue" not in data.encoding or data.dtype.kind == "f", (name, data.encoding)


def check_growing_groups(path, engine):
    for group, (every, growing, variables) in GROUPS.items():
        rows = -(-STEPS // every)
        with xarray.open_dataset(path, group=group, engine=engine) as data:
            assert data.sizes[growing] == rows, data.sizes
            times = np.datetime64("2022-01-03T00:00:00") + 300 * every * np.arange(rows) * np.timedelta64(1, "s")
            np.testing.assert_array_equal(data["time"].values, times)
            np.testing.assert_array_equal(data["step"].values, every * np.arange(rows))
            assert growing in data.coords
            for name in variables:
                check_variable(data[name], group, name, rows, every, growing)
            closing = {"latitude"} if group == "region" else set()
            names = set(variables) | {"step", "time", growing} | closing
            labels = {"region": {"region"}, "agent": {"agent"}, "evolution": {"trait"}}[group]
            assert set(data.variables) == names | labels, set(data.variables)
            if group == "region":
                assert list(data["region"].values) == REGIONS
                assert "slot" in data.sizes and "slot" not in data.coords
                np.testing.assert_array_equal(data["latitude"].sel(region="KE"), -1.3)
                assert data["mode"].attrs["flag_meanings"] == "idle green grid"
                assert list(data["mode"].attrs["flag_values"]) == [0, 1, 2]
            if group == "evolution":
                np.testing.assert_array_equal(data["generation"].values, np.arange(rows))
            if group == "agent":
                assert list(data["agent"].values) == list("abcde")


def check_summary(path, engine):
    with xarray.open_dataset(path, group="summary", engine=engine) as data:
        assert float(data["energy_kwh"]) == 12.5 and data["energy_kwh"].attrs["units"] == "kWh"
        assert int(data["token_supply"]) == 9007199254740993
        assert float(data["accuracy"].sel(region="Deutschland-Süd")) == 0.75
        assert data["price"].sel(income_group="high").values.tolist() == [4, 5, 6]
        assert data["counts"].values.tolist() == [1, 2, 4000000000]
        assert data["rule"].item() == "justice – v2"
        assert list(data["names"].values) == ["x", "", "żółw"]
        assert "bin" not in data.coords


def check_root(path, engine):
    with xarray.open_dataset(path, engine=engine) as data:
        assert data.attrs["filetype"] == "swarmsim" and data.attrs["seed"] == 42
        assert data.attrs["scenario"] == '[run]\nname = "Prüfung"\n'
        assert data.attrs["Conventions"] == "CF-1.10" and data.attrs["finished"] == "2022-01-04T00:00:00Z"


def check_structure(path):
    """Rules of the format that xarray does not show: scales, attributes, filters, netCDF dimensions."""
    with h5py.File(path, "r") as file:
        for group in file.values():
            for name, data in group.items():
                assert {"units", "long_name", "kind"} <= set(data.attrs), data.name
                assert isinstance(data.attrs["units"], str) and isinstance(data.attrs["kind"], str)
                if h5py.h5ds.is_scale(data.id):
                    continue
                for axis in data.dims:
                    assert len(axis) == 1 and axis[0].parent == data.parent, data.name
                    assert axis[0].shape[0] == data.shape[list(data.dims).index(axis)], data.name
                if data.chunks:
                    assert data.compression == "gzip" and data.shuffle, data.name
    with netCDF4.Dataset(path) as file:
        region = file["region"]
        assert list(file.groups) == ["region", "agent", "evolution", "summary"], "creation order"
        assert list(region.variables)[:4] == ["time", "step", "region", "energy_kwh"], list(region.variables)
        assert region.dimensions["time"].isunlimited() and len(region.dimensions["slot"]) == 4
        assert "slot" not in region.variables and region.data_model == "NETCDF4"


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sample.h5")
        arguments = [sys.argv[1], "--gtest_filter=Example.*", "--gtest_also_run_disabled_tests"]
        subprocess.run(arguments, env=dict(os.environ, SWARM_EXAMPLE_FILE=path), check=True, stdout=subprocess.DEVNULL)
        check_structure(path)
        for engine in ("h5netcdf", "netcdf4"):
            check_growing_groups(path, engine)
            check_summary(path, engine)
            check_root(path, engine)
    print("every group read back with h5py, netCDF4 and both engines of xarray")


if __name__ == "__main__":
    main()
