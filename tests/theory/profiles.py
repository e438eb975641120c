#!/usr/bin/python3
"""Fitted profiles: the program's coefficients are those of the fit, and months and years it has not seen look alike.

usage: profiles.py SWARMSIM
Exit code 77 when the real data are absent. The errors per zone: analysis/fit_profiles.py holdout, and another-year.
"""
import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "analysis"))
sys.dont_write_bytecode = True
import fit_profiles as fit  # noqa: E402
import numpy as np  # noqa: E402

DATA = pathlib.Path(os.environ.get("SWARM_SHARED", ROOT.parent / "shared/data"))

# The row of the fit that each built-in region takes: intensity, wholesale price.
WORLD = "world"
ZONE = {"IT": "IT-NO", "SE": "SE-SE3", "CL": "CL-SEN", "BR": "BR-CS"}
CLASS = {"fossil": "BD NG PH ID TH MY SA AE EG MA MX", "mixed": "PK VN LK CN GH TZ RW SN AR FJ PG",
         "renewable": "KE NP ET UG MZ MW CD GT CR CO"}
PRICE = {"BR": "BR-CS", "BR-CS": "BR-CS", "CA": "CA-ON", "CL": "CL-SEN", "IN": "IN-WE", "IN-WE": "IN-WE", "JP": "JP-TK"}
OWN_PRICE = "DE ZA US FR KR SG ES NL CH AU".split()


def built_in(swarmsim):
    """Built-in regions by name, as the program resolves them."""
    listed = subprocess.run([swarmsim, "list", "regions"], capture_output=True, text=True, check=True).stdout
    names = [line.split()[0] for line in listed.splitlines()[1:]]
    resolved = subprocess.run([swarmsim, "check", str(ROOT / "scenarios/pilot.toml"), "--resolved", "--set",
                               f"regions=[{','.join(names)}]"], capture_output=True, text=True, check=True).stdout
    return {region["name"]: region for region in tomllib.loads(resolved)["region"]}


def shape_of(region, prefix=""):
    keys = ("diurnal", "diurnal_peak_h", "half_daily", "half_daily_peak_h", "weekly", "seasonal", "seasonal_peak_d",
            "ar1_sigma", "ar1_hourly")
    if prefix:
        keys = ("price_diurnal", "price_peak_h", "price_half_daily", "price_half_daily_peak_h", None, None, None,
                "price_ar1_sigma", "price_ar1_hourly")
    return [region[key] if key else 0 for key in keys]


def check_coefficients(swarmsim):
    regions = built_in(swarmsim)
    intensity, price = fit.intensity_shapes(DATA), fit.price_shapes(DATA)
    of_class = {name: label for label, names in CLASS.items() for name in names.split()}
    assert len(regions) == 60, len(regions)

    def same(shape, written, columns):
        expected = dataclasses.astuple(fit.rounded(shape))
        return all(abs(expected[i] - written[i]) < 1e-9 for i in columns)

    for name, region in regions.items():
        row = of_class.get(name, ZONE.get(name, name))
        assert same(intensity[row], shape_of(region), range(9)), (name, row, intensity[row], shape_of(region))
        market = PRICE.get(name, name if name in OWN_PRICE else WORLD)
        assert same(price[market], shape_of(region, "price"), (0, 1, 2, 3, 7, 8)), (name, market)
        if row in fit.UTC_OFFSET and name != "IN-WE":
            assert region["utc_offset_h"] == fit.UTC_OFFSET[row], (name, "is fitted at another offset from UTC")
    assert not same(intensity["FR"], shape_of(regions["DE"]), range(9))  # mutant: a neighbour's row
    print(f"the coefficients of {len(regions)} regions are those of the fit")


def magnitudes(rows):
    """Medians and medians of magnitude of the errors of mean, range, r(1 h), r(24 h)."""
    errors = np.array([fit.errors(real, modelled) for _, real, modelled in rows])
    return np.median(errors, axis=0), np.median(np.abs(errors), axis=0)


def check_unseen():
    bias, held_out = magnitudes(fit.holdout(DATA))
    print("odd months of 2022, 75 zones, median |error|:", np.round(held_out, 3), "median error:", np.round(bias, 3))
    assert (held_out < [0.03, 0.17, 0.008, 0.12]).all(), held_out
    bias, later = magnitudes(fit.another_year(DATA))
    print("2023, 16 zones, median |error|:", np.round(later, 3), "median error:", np.round(bias, 3))
    assert (later < [0.08, 0.15, 0.008, 0.11]).all(), later

    # Mutants: profiles without weather memory, without a daily shape, and without weather miss what they lack.
    right = fit.profile
    for what, changes, column in (("memory", {"phi": 0.0}, 2), ("daily shape", {"diurnal": 0.0, "half_daily": 0.0}, 3),
                                  ("disturbance", {"sigma": 0.0}, 1)):
        fit.profile = lambda shape, *rest, changes=changes: right(dataclasses.replace(shape, **changes), *rest)
        _, wrong = magnitudes(fit.holdout(DATA))
        print(f"without {what}: median |error|", np.round(wrong, 3))
        assert wrong[column] > 1.5 * held_out[column], what
    fit.profile = right


def check_refusals():
    """What the tool says of an unknown verb, of absent data and of a broken table."""
    tool = [sys.executable, str(ROOT / "analysis/fit_profiles.py")]

    def refuse(code, words, *arguments):
        said = subprocess.run([*tool, *arguments], capture_output=True, text=True)
        assert said.returncode == code and words in said.stderr and "Traceback" not in said.stderr, (arguments, said)

    refuse(2, "usage")
    refuse(2, "usage", "guess")
    refuse(2, "--lag", "holdout", "--lag", "0")
    with tempfile.TemporaryDirectory() as folder:
        refuse(4, "No such file", "holdout", folder)
        table = pathlib.Path(folder, fit.YEAR_2022)
        table.parent.mkdir()
        for text in ("", "datetime_utc,DE\n", "datetime_utc,DE\n2022-01-01T00:00Z,\n", "datetime_utc,DE\nyesterday,1\n",
                     "datetime_utc,DE\n2022-01-01T00:00Z,1\n2022-01-01T02:00Z,2\n"):
            table.write_text(text)
            refuse(2, str(table), "holdout", folder)


def main():
    check_refusals()
    for file in (fit.YEAR_2022, fit.FOUR_YEARS, fit.PRICES, fit.YEARLY):
        if not (DATA / file).is_file():
            print(f"skipped: real data absent: {file}")
            return 77
    check_coefficients(sys.argv[1])
    check_unseen()
    return 0


sys.exit(main())
