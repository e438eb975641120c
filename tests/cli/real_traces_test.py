"""Real grids of other years and zones, from the command line alone: no file is edited, nothing but --set."""
import json
import os
import pathlib
import unittest

import support
from support import BAD_INPUT, CliTest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("SWARM_SHARED", ROOT.parent / "shared/data")).resolve()
FOUR_YEARS = "carbon_intensity_2021_2024_16zones/ci_lca_hourly_2021_2024.csv"
PRICES = "electricity_prices/price_usd_mwh_hourly_2020_2024.csv"
YEAR_2022 = "carbon_intensity_2022_123zones/ci_lca_hourly_2022.csv"
REQUESTS = "llm_traces/azure2023_conv.csv"


def hours(file, zone, first, count):
    """Values of a wide file from a stamp on."""
    with open(DATA / file, encoding="utf-8") as lines:
        column = next(lines).rstrip("\n").split(",").index(zone)
        rows = [line.rstrip("\n").split(",") for line in lines]
    start = next(i for i, row in enumerate(rows) if row[0] == first)
    return [float(row[column]) for row in rows[start:start + count]]


class RealTraces(CliTest):
    def setUp(self):
        super().setUp()
        for file in (FOUR_YEARS, PRICES, YEAR_2022, REQUESTS):
            if not (DATA / file).is_file():
                self.skipTest(f"real data absent: {file}")

    def settings(self, *more):
        return [word for setting in (f"run.data_dir={DATA}", "run.warmup=0d", "run.duration=3h", "population.agents=50",
                                     "specialists.training_samples=200", *more) for word in ("--set", setting)]

    def run_with(self, *more):
        """Mean intensity and price by region of a run of three hours, and its summary."""
        import h5py
        text = self.succeed("run", str(ROOT / "scenarios/traces.toml"), "-o", "r.h5", "--summary", "json",
                            *self.settings(*more)).stdout
        with h5py.File(self.path("r.h5")) as file:
            names = [name.decode() for name in file["region/region"][:]]
            means = {name: (file["region/carbon_intensity"][:, i].mean(), file["region/electricity_price_usd_per_kwh"][:, i].mean())
                     for i, name in enumerate(names)}
        return means, json.loads(text)

    def check(self, zones, start, *more):
        """`zones`: region to (column of the intensities, column of the prices)."""
        means, summary = self.run_with(f"regions=[{','.join(zones)}]", f"run.start={start}", *more)
        self.assertEqual(list(means), list(zones))
        self.assertGreater(summary["requests_served"], 0)
        self.assertEqual(summary["interpolated_values"], [0] * len(zones))
        first = start.replace(":00:00Z", ":00Z")
        for region, (intensity, price) in zones.items():
            real = hours(FOUR_YEARS, intensity, first, 3), hours(PRICES, price, first, 3)
            self.assertAlmostEqual(means[region][0], sum(real[0]) / 3, delta=1e-4 * means[region][0])
            self.assertAlmostEqual(means[region][1], sum(real[1]) / 3000, delta=1e-4 * abs(means[region][1]))
            # Mutant: the same hours of the year of the shipped scenario.
            other = hours(FOUR_YEARS, intensity, "2022" + first[4:], 3)
            self.assertGreater(abs(means[region][0] - sum(other) / 3), 1e-3 * means[region][0], region)
        return means, summary

    def test_2021_japan_korea_chile_canada(self):
        self.check({"JP": ("JP-TK", "JP-TK"), "KR": ("KR", "KR"), "CL": ("CL-SIC", "CL-SIC"), "CA": ("CA-ON", "CA-ON")},
                   "2021-10-04T06:00Z", f"grid.trace={FOUR_YEARS}", "region.JP.zone=JP-TK", "region.CA.zone=CA-ON")

    def test_2023_australia_texas_singapore_with_forecasts(self):
        zones = {"AU": ("AU-NSW", "AU-NSW"), "US": ("US-TEX-ERCO", "US-TEX-ERCO"), "SG": ("SG", "SG")}
        settings = [f"grid.trace={FOUR_YEARS}", "region.AU.zone=AU-NSW", "region.US.zone=US-TEX-ERCO"]
        for forecast in ("seasonal-ar", "noisy"):
            _, summary = self.check(zones, "2023-07-03T12:00Z", *settings, f"grid.forecast={forecast}")
            for name in ("forecast_mape", "forecast_price_error"):
                known = [error for error in summary[name] if error is not None]
                self.assertEqual(len(known), 3 * 2)  # 1 h and 2 h ahead within three hours
                self.assertTrue(all(error > 0 for error in known), (forecast, name, known))

    def test_2022_spain_and_tokyo(self):
        means, _ = self.run_with("regions=[ES,JP]", "run.start=2022-02-07T00:00Z", "region.JP.zone=JP-TK")
        for region, zone in (("ES", "ES"), ("JP", "JP-TK")):
            for at, file, scale in ((0, YEAR_2022, 1), (1, PRICES, 1000)):
                real = sum(hours(file, zone, "2022-02-07T00:00Z", 3)) / 3 / scale
                self.assertAlmostEqual(means[region][at], real, delta=1e-4 * real)

    def test_a_zone_or_a_year_that_is_not_there(self):
        scenario = str(ROOT / "scenarios/traces.toml")
        self.refuse(BAD_INPUT, "run", scenario, *self.settings("regions=[ES,JP]", f"grid.trace={FOUR_YEARS}"),
                    says=('no zone "ES"', "16 zones", 'no zone "JP"', "22 zones",
                          "Zones of JP: JP-TK; set region.JP.zone"))
        self.refuse(BAD_INPUT, "run", scenario, *self.settings("regions=[DE]", "run.start=2021-10-04T06:00Z"),
                    says=("zone DE runs from 2022-01-01", "grid.beyond_trace"))


if __name__ == "__main__":
    support.main()
