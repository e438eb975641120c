#!/usr/bin/python3
"""The pilot's carbon price changes behaviour: five seeds with 100 USD/t against five with 0.

usage: carbon_price_bites.py SWARMSIM SOURCE_DIR

Fixed before these replicates were run: master seed 1, five replicates, location-based emissions fall (one exploratory run
at another seed had shown that sign). The bounds on utilisation and
on binding capacity say that the pilot is a world in which a price can matter: neither idle nor choked.
"""
import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy

REPLICATES = 5
BINDING = 0.999  # utilisation of a site in a step from which its capacity binds


def run(program, source, folder, name, price):
    subprocess.run([program, "run", str(source / "scenarios" / "carbon.toml"), "--replicates", str(REPLICATES), "-o", f"{name}.h5",
                    "--set", f"pricing.carbon_price_usd_per_t={price}", "--progress", "never"],
                   cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [f"{name}.r{k}.h5" for k in range(REPLICATES)]


def binding_share(path):
    """Share of the steps that count in which the capacity of some site binds."""
    with h5py.File(path) as file:
        counted = file["/region/in_warmup"][:, 0] == 0
        return float(numpy.mean((file["/site/utilisation"][:] >= BINDING).any(axis=1)[counted]))


def differences(program, folder, reference, other):
    """Rows of `compare` by metric."""
    printed = subprocess.run([program, "compare", *reference, *other, "--format", "csv"], cwd=folder, check=True,
                             capture_output=True, text=True).stdout
    return {row["metric"]: row for row in csv.DictReader(io.StringIO(printed))}


def main(program, source):
    source = pathlib.Path(source)
    faults = []
    with tempfile.TemporaryDirectory(prefix="swarm_bites_") as folder:
        free = run(program, source, folder, "free", 0)
        priced = run(program, source, folder, "priced", 100)
        for name in free + priced:
            path = pathlib.Path(folder, name)
            summary = json.loads(subprocess.run([program, "info", str(path), "--summary", "json"], check=True,
                                                capture_output=True, text=True).stdout)
            binding = binding_share(path)
            print(f"{name}: utilisation {summary['utilisation']:.3f}, a site binds in {100 * binding:.0f} % of steps")
            if not 0.6 <= summary["utilisation"] <= 0.9:
                faults.append(f"{name}: mean utilisation {summary['utilisation']:.3f} is outside 0.6 … 0.9")
            if binding < 0.1:
                faults.append(f"{name}: capacity binds in {100 * binding:.1f} % of steps only")
        rows = differences(program, folder, free, priced)
        shown = [m for m in rows if m in ("carbon_location_g", "served_share_south", "served_share_north") or
                 m.startswith("served_share_by_income")]
        for metric in shown:
            row = rows[metric]
            print(f"{metric}: {row['reference_mean']} → {row['mean']}, difference {row['difference']} [{row['low95']}, {row['high95']}]")
        if len(shown) < 5:
            faults.append("served shares by income group are missing")
        if not float(rows["carbon_location_g"]["high95"]) < 0:
            faults.append("emissions do not fall measurably at 100 USD/t")
        # What it must not see: a difference between runs that differ in nothing.
        same = differences(program, folder, free[:3], [str(path) for path in copies(program, source, folder)])
        if float(same["carbon_location_g"]["difference"]) != 0:
            faults.append("equal runs differ")
    print("\n".join(f"FAILED: {fault}" for fault in faults))
    return 1 if faults else 0


def copies(program, source, folder):
    """The first three free runs again, under a flat rule: a carbon price of 0 is no price."""
    subprocess.run([program, "run", str(source / "scenarios" / "flat.toml"), "--replicates", "3", "-o", "flat.h5", "--progress", "never"],
                   cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [pathlib.Path(f"flat.r{k}.h5") for k in range(3)]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
