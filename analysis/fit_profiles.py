#!/usr/bin/python3
"""Fits the profiles of sim/grid/profile.hpp to published hourly series and says how well they do.

usage: fit_profiles.py coefficients [DATA]   rows of sim/grid/profile_table.cpp: zones, countries, classes, and prices
       fit_profiles.py holdout [DATA]        fitted on the even months of 2022, compared with the odd months, by zone
       fit_profiles.py another-year [DATA]   fitted on 2022, compared with 2023, by zone
       options, to see what they are worth:  --one-harmonic (no half-daily term)   --lag HOURS (of the autocorrelation)

DATA is the folder of real data, by default $SWARM_SHARED or ../shared/data beside the repository.

The model is  c = mean * max(k * H * (1 + x), floor),  x ~ AR(1). H (1, a day, half a day, the weekend, a year) is the
least-squares fit to c / mean. u = c / mean - H is what remains; sigma^2 = mean(u^2) / mean(H^2), phi is u's
autocorrelation at one hour.
"""
import argparse
import csv
import dataclasses
import datetime
import math
import os
import pathlib
import sys

import numpy as np

YEAR_2022 = "carbon_intensity_2022_123zones/ci_lca_hourly_2022.csv"
FOUR_YEARS = "carbon_intensity_2021_2024_16zones/ci_lca_hourly_2021_2024.csv"
PRICES = "electricity_prices/price_usd_mwh_hourly_2020_2024.csv"
YEARLY = "country/em_zone_yearly_2021_2025.csv"

HOURS_PER_YEAR = 8766.0
FLOOR = 0.05        # the default of grid.profile_floor
LEAST_H = 0.15      # harmonics are shrunk where H would fall below this
LEAST_VARIATION = 0.002  # a series that varies less is an estimate, not a measurement
PRICE_SPIKE = 99.0  # percentile at which prices are cut: spikes of single hours are not a shape
PRICE_FROM, PRICE_TO = "2023-01-01", "2025-01-01"  # after the crisis of 2021 and 2022

# Standard time at the main population centre [h], as in sim/grid/region_table.cpp.
UTC_OFFSET = {"AT": 1, "AU": 10, "AU-SA": 9.5, "AU-WA": 8, "BA": 1, "BE": 1, "BG": 2, "BR": -3, "CA": -5, "CH": 1, "CL": -4,
              "CY": 2, "CZ": 1, "DE": 1, "DK": 1, "EE": 2, "ES": 1, "FI": 2, "FR": 1, "GB": 0, "GR": 2, "HK": 8, "HR": 1,
              "HU": 1, "ID": 7, "IE": 0, "IL": 2, "IN": 5.5, "IT": 1, "JP": 9, "KR": 9, "LT": 2, "LU": 1, "LV": 2, "NL": 1,
              "NO": 1, "NZ": 12, "PA": -5, "PE": -5, "PL": 1, "PT": 0, "RO": 2, "SE": 1, "SG": 8, "SI": 1, "SK": 1, "TR": 3,
              "TW": 8, "US": -5, "US-CAL": -8, "US-NW": -8, "US-SW": -7, "US-TEX": -6, "US-CENT": -6, "US-MIDW": -6,
              "US-TEN": -6, "US-HI": -10, "UY": -3, "ZA": 2}
SOUTH = {"AU", "BR", "CL", "ID", "NZ", "PE", "UY", "ZA"}
ALIAS = {"BR-SP": "BR-CS", "CL-SIC": "CL-SEN", "DE-LU": "DE"}
# Of the United States' 52 zones the four large markets; the others would outweigh the rest of the world.
LARGE_US = {"US-CAL-CISO", "US-MIDA-PJM", "US-NY-NYIS", "US-TEX-ERCO"}


def country(zone):
    return zone[:2]


def utc_offset(zone):
    found = [name for name in UTC_OFFSET if zone == name or zone.startswith(name + "-")]
    return UTC_OFFSET[max(found, key=len)]


@dataclasses.dataclass
class Shape:
    """Relative shape; amplitudes over the mean, hours of local standard time, the yearly peak as seen in the north."""
    diurnal: float
    diurnal_peak_h: float
    half_daily: float
    half_daily_peak_h: float
    weekly: float
    seasonal: float
    seasonal_peak_d: float
    sigma: float
    phi: float


@dataclasses.dataclass
class Series:
    """Hourly values; hour i is `first + i` hours since 1970."""
    first: int
    values: np.ndarray

    def hours(self):
        return self.first + np.arange(len(self.values))

    def between(self, start, end):
        a, b = (hours_since_1970(text) - self.first for text in (start, end))
        return Series(self.first + a, self.values[a:b])


class BadTable(Exception):
    """A file that holds something else than a wide hourly table without gaps."""


def hours_since_1970(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "")).replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp()) // 3600


def read(path):
    """Series by zone of a wide file without gaps."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    try:
        values = np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])
        first = hours_since_1970(rows[1][0])
        last = hours_since_1970(rows[-1][0])
    except (ValueError, IndexError) as error:
        raise BadTable(f"{path}: no hourly table without gaps ({error})") from error
    if last != first + len(values) - 1:
        raise BadTable(f"{path}: rows are missing (from the first to the last stamp there are {last - first + 1} hours)")
    return {ALIAS.get(zone, zone): Series(first, values[:, i]) for i, zone in enumerate(rows[0][1:])}


def months(hours):
    days = (np.asarray(hours) // 24).astype("datetime64[D]")
    return days.astype("datetime64[M]").astype(int) % 12 + 1


def columns(hours, zone):
    """1, and the terms of H at mid-hour: a day, half a day, weekdays, a year (cosine and sine of each period)."""
    local = np.asarray(hours) + 0.5 + utc_offset(zone)
    weekend = (np.floor(local / 24).astype(int) + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    day = 2 * np.pi * local / 24
    year = 2 * np.pi * (local - hours_since_1970("2022-01-01")) / HOURS_PER_YEAR
    return np.column_stack([np.ones(len(local)), np.cos(day), np.sin(day), np.cos(2 * day), np.sin(2 * day),
                            np.where(weekend, -5 / 7, 2 / 7), np.cos(year), np.sin(year)])


def peak(cosine, sine, period):
    return math.atan2(sine, cosine) / (2 * np.pi) * period % period


@dataclasses.dataclass
class Method:
    """What a fit includes."""
    half_daily: bool = True
    lag: int = 1


def fit(series, zone, chosen=None, method=Method()):
    """(mean, Shape) of the hours where `chosen` holds."""
    hours = series.hours()
    chosen = np.ones(len(hours), bool) if chosen is None else chosen
    terms = columns(hours, zone)
    b = np.linalg.lstsq(terms[chosen], series.values[chosen], rcond=None)[0]
    mean, b = b[0], b[1:] / b[0]
    if not method.half_daily:
        b[2:4] = 0
    every = terms[:, 1:]
    lowest = 1 + (every @ b).min()
    b *= min(1.0, (1 - LEAST_H) / (1 - lowest)) if lowest < 1 else 1.0
    h = 1 + every @ b
    u = series.values / mean - h
    pairs = chosen[method.lag:] & chosen[:-method.lag]
    power = np.mean(u[chosen] ** 2)
    phi = max(np.mean(u[method.lag:][pairs] * u[:-method.lag][pairs]) / power, 0) ** (1 / method.lag) if power > 0 else 0
    day = peak(b[5], b[6], 365.25)
    if country(zone) in SOUTH:
        day = (day - 365.25 / 2) % 365.25
    return mean, Shape(math.hypot(b[0], b[1]), peak(b[0], b[1], 24), math.hypot(b[2], b[3]), peak(b[2], b[3], 12), b[4],
                       math.hypot(b[5], b[6]), day, math.sqrt(power / np.mean(h[chosen] ** 2)), min(phi, 0.9999))


def rounded(shape):
    return Shape(*(round(value, digits) for value, digits in zip(dataclasses.astuple(shape), (3, 1, 3, 1, 3, 3, 0, 3, 3))))


def middle(shapes):
    """Medians of amplitudes, sigma and phi; peaks are the direction of the sum of all vectors."""
    table = np.array([dataclasses.astuple(shape) for shape in shapes])
    out = np.median(table, axis=0)
    for amplitude, at, period in ((0, 1, 24), (2, 3, 12), (5, 6, 365.25)):
        angle = 2 * np.pi * table[:, at] / period
        out[at] = peak(table[:, amplitude] @ np.cos(angle), table[:, amplitude] @ np.sin(angle), period)
    return Shape(*out)


def profile(shape, mean, hours, zone, random, runs):
    """`runs` rows of the profile at these (contiguous) hours."""
    north = 365.25 / 2 if country(zone) in SOUTH else 0
    angles = (2 * np.pi * shape.diurnal_peak_h / 24, 2 * np.pi * shape.half_daily_peak_h / 12,
              2 * np.pi * (shape.seasonal_peak_d + north) / 365.25)
    b = []
    for amplitude, angle in zip((shape.diurnal, shape.half_daily, shape.seasonal), angles):
        b += [amplitude * math.cos(angle), amplitude * math.sin(angle)]
    b.insert(4, shape.weekly)
    h = 1 + columns(hours, zone)[:, 1:] @ np.array(b)
    x = np.empty((runs, len(h)))
    x[:, 0] = shape.sigma * random.standard_normal(runs)
    fresh = shape.sigma * math.sqrt(1 - shape.phi ** 2) * random.standard_normal(x.shape)
    for i in range(1, len(h)):
        x[:, i] = shape.phi * x[:, i - 1] + fresh[:, i]
    relative = h * (1 + x)
    k = 1.0  # the mean stays that of H in spite of the floor: iterated to its fixed point
    for _ in range(60):
        k -= np.maximum(k * relative, FLOOR).mean() - h.mean()
    return mean * np.maximum(k * relative, FLOOR)


def figures(values, hours, chosen):
    """Mean, mean daily range (UTC days) and autocorrelation at 1 h and 24 h of the chosen hours."""
    mean = values[chosen].mean()
    days = values[:len(values) // 24 * 24].reshape(-1, 24)
    whole = chosen[:len(days) * 24].reshape(-1, 24).all(axis=1)
    u = values - mean
    power = np.mean(u[chosen] ** 2)
    out = [mean, np.ptp(days[whole], axis=1).mean()]
    for lag in (1, 24):
        pairs = chosen[lag:] & chosen[:-lag]
        out.append(np.mean(u[lag:][pairs] * u[:-lag][pairs]) / power)
    return np.array(out)


def compare(series, zone, shape, mean, chosen, runs=12, seed=1):
    """Figures of the chosen hours, and those of the profile (mean over `runs`)."""
    hours = series.hours()
    random = np.random.default_rng([seed, *zone.encode()])
    drawn = profile(shape, mean, hours, zone, random, runs)
    return figures(series.values, hours, chosen), np.mean([figures(row, hours, chosen) for row in drawn], axis=0)


def errors(real, modelled):
    """Relative error of mean and daily range, absolute error of the two autocorrelations."""
    return np.array([modelled[0] / real[0] - 1, modelled[1] / real[1] - 1, modelled[2] - real[2], modelled[3] - real[3]])


def usable(table):
    """Zones that vary, of the United States only the large markets."""
    return {zone: series for zone, series in table.items()
            if series.values.std() > LEAST_VARIATION * series.values.mean() and (country(zone) != "US" or zone in LARGE_US)}


def holdout(data, method=Method()):
    """(zone, real figures, profile's figures) for odd months, fitted on even ones."""
    for zone, series in usable(read(data / YEAR_2022)).items():
        even = months(series.hours()) % 2 == 0
        mean, shape = fit(series, zone, even, method)
        yield zone, *compare(series, zone, shape, mean, ~even)


def another_year(data, method=Method()):
    """(zone, real figures, profile's figures) for 2023, fitted on 2022 of the same file."""
    for zone, series in read(data / FOUR_YEARS).items():
        mean, shape = fit(series.between("2022-01-01", "2023-01-01"), zone, method=method)
        year = series.between("2023-01-01", "2024-01-01")
        yield zone, *compare(year, zone, shape, mean, np.ones(len(year.values), bool))


def print_comparison(rows):
    print(f"{'zone':<12} {'mean g/kWh':>17} {'daily range':>17} {'r(1 h)':>13} {'r(24 h)':>13}"
          "   errors: mean, range, r1, r24")
    found = []
    for zone, real, modelled in rows:
        found.append(errors(real, modelled))
        pairs = [f"{a:8.1f}/{b:8.1f}" for a, b in zip(real[:2], modelled[:2])] + \
                [f"{a:6.3f}/{b:6.3f}" for a, b in zip(real[2:], modelled[2:])]
        print(f"{zone:<12} {' '.join(pairs)}   {100 * found[-1][0]:+6.1f} % {100 * found[-1][1]:+6.1f} % "
              f"{found[-1][2]:+.3f} {found[-1][3]:+.3f}")
    for name, q in (("median |error|", 50), ("90 % below", 90)):
        m = np.percentile(np.abs(found), q, axis=0)
        print(f"{name:<14} of {len(found)} zones: mean {100 * m[0]:.1f} %, daily range {100 * m[1]:.1f} %, "
              f"r(1 h) {m[2]:.3f}, r(24 h) {m[3]:.3f}")
    m = np.median(found, axis=0)
    print(f"{'median error':<14} of {len(found)} zones: mean {100 * m[0]:+.1f} %, daily range {100 * m[1]:+.1f} %, "
          f"r(1 h) {m[2]:+.3f}, r(24 h) {m[3]:+.3f}")


def renewable_percent(data):
    """Renewable share [percent] of 2022 by zone."""
    with open(data / YEARLY, newline="", encoding="utf-8") as file:
        return {row["zone"]: float(row["renewable_pct_2022"]) for row in csv.DictReader(file) if row["renewable_pct_2022"]}


def class_of(percent):
    return "fossil" if percent < 25 else "mixed" if percent < 60 else "renewable"


def add_countries(shapes):
    """The middle of its zones for each country that has several and no zone of its name."""
    codes = [country(zone) for zone in shapes]
    for code in sorted({code for code in codes if codes.count(code) > 1} - set(shapes)):
        shapes[code] = middle([shape for zone, shape in shapes.items() if country(zone) == code])


def intensity_shapes(data):
    """Fitted shapes by name: zones, countries of several zones, classes by renewable share, and the world."""
    zones = {zone: fit(series, zone)[1] for zone, series in usable(read(data / YEAR_2022)).items()}
    shares = renewable_percent(data)
    shapes = dict(zones)
    add_countries(shapes)
    for name in ("fossil", "mixed", "renewable"):
        shapes[name] = middle([zones[z] for z in zones if z in shares and class_of(shares[z]) == name])
    shapes["world"] = middle(list(zones.values()))
    return shapes


def price_shapes(data):
    """Fitted shapes of wholesale prices by name; each calendar year is taken relative to its own mean."""
    shapes = {}
    for zone, series in read(data / PRICES).items():
        part = series.between(PRICE_FROM, PRICE_TO)
        values = np.minimum(part.values, np.percentile(part.values, PRICE_SPIKE))
        years = (part.hours() // 24).astype("datetime64[D]").astype("datetime64[Y]").astype(int)
        for year in np.unique(years):
            values[years == year] /= values[years == year].mean()
        shapes[zone] = fit(Series(part.first, values), zone)[1]
    world = middle(list(shapes.values()))
    add_countries(shapes)
    shapes["world"] = world
    return shapes


def print_coefficients(data):
    for title, shapes in (("intensity 2022", intensity_shapes(data)), ("wholesale price 2023-2024", price_shapes(data))):
        print(f"// {title}: diurnal, peak h, half-daily, peak h, weekly, seasonal, peak d, sigma, phi")
        for name, shape in shapes.items():
            print("{:<16}{}".format(f'{{"{name}",', ", ".join(f"{v:g}" for v in dataclasses.astuple(rounded(shape)))) + "},")


def main():
    beside = pathlib.Path(__file__).resolve().parents[1].parent / "shared/data"
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    parser.add_argument("verb", choices=("coefficients", "holdout", "another-year"))
    parser.add_argument("data", nargs="?", type=pathlib.Path, default=os.environ.get("SWARM_SHARED", beside))
    parser.add_argument("--one-harmonic", action="store_true")
    parser.add_argument("--lag", type=int, choices=range(1, 49), default=1, metavar="HOURS")
    given = parser.parse_args()
    method = Method(not given.one_harmonic, given.lag)
    data = pathlib.Path(given.data)
    if given.verb == "coefficients" and method != Method():
        parser.error("the program's coefficients are those of the default method")
    verbs = {"coefficients": lambda: print_coefficients(data),
             "holdout": lambda: print_comparison(holdout(data, method)),
             "another-year": lambda: print_comparison(another_year(data, method))}
    try:
        verbs[given.verb]()
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 4
    except BadTable as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
