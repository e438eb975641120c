"""What the studies of when, where and by whom requests are served found (study_findings.py)."""
import math

from policy_pilot import number
from study_sections import (EMISSIONS, SOUTH, NORTH, ENERGY, DELAY, SERVED, HOT, claim, compared, each, falls, rises, table, interval)
from swarmsim_analysis.appearance import shown
from swarmsim_analysis.intervals import mean_interval


def outage(study):
    fallbacks, breakers = study.levels("fallback"), study.levels("breakers")
    off, on = breakers

    def change(outcome, **levels):
        """Paired differences, of the second of two levels of the one factor that has two to the first."""
        (name, (first, second)), = ((k, v) for k, v in levels.items() if isinstance(v, tuple))
        return each(study, outcome, **{**levels, name: second}) - each(study, outcome, **{**levels, name: first})

    lines = [claim(f"fallback {way}, breakers on against off, `{outcome}` {word}", factor * change(outcome, fallback=way, breakers=(off, on)), holds, unit)
             for way in fallbacks for outcome, word, holds, factor, unit in
             [("served_share", "rises", rises, 100, "points"), ("recovery_s", "falls", falls, 1, "s")]]
    lines += [claim(f"breakers {shown(state)}, fallback rule against reject, `{outcome}` {word}",
                    100 * change(outcome, breakers=state, fallback=("reject", "rule")), holds, "points")
              for state in breakers for outcome, word, holds in [("served_share", "rises", rises), ("accuracy", "falls", falls)]]
    lines.append(claim("no breakers, fallback retry against reject, `requests_lost` rises",
                       change("requests_lost", breakers=off, fallback=("reject", "retry")), rises, "requests"))
    columns = [("served", "served_share", 100), ("served DE", "served_share_by_region[DE]", 100), ("accuracy", "accuracy", 100),
               ("recovery s", "recovery_s", 1), ("lost", "requests_lost", 1), ("refused for it", "rejected_fault", 1),
               ("by rule", "answered_by_rule", 1), ("delay s", "delay_s", 1), EMISSIONS]
    return lines + ["", "Differences to no breakers, shares in points, requests as simulated:", "",
                    *compared(study, columns, "breakers", off, "fallback, breakers", within="fallback")]


def shifting_limit(study):
    def at(outcome, forecast, limit):
        return each(study, outcome, forecast=forecast, limit=limit)

    def plain(values, scale):
        found = mean_interval(values)
        mean, low, high = (number(x * scale, False) for x in (found.mean, found.low, found.high))
        return "–" if math.isnan(found.low) else f"{mean} [{low}, {high}]"

    saved, emissions, shaped = "flexible_saving_pct", "carbon_location_g", ["perfect", "noisy", "seasonal-ar"]
    lines = [*(claim(f"{forecast}, saving at 4 h is above zero", at(saved, forecast, "4h"), rises, "%") for forecast in shaped),
             *(claim(f"{forecast}, saving at 24 h is higher than at 4 h", at(saved, forecast, "24h") - at(saved, forecast, "4h"), rises, "points") for forecast in shaped),
             *(claim(f"at {limit} h a perfect forecast saves more than the seasonal one",
                     at(saved, "perfect", f"{limit}h") - at(saved, "seasonal-ar", f"{limit}h"), rises, "points") for limit in (4, 24)),
             claim("persistence saves nothing at 24 h", at(saved, "persistence", "24h"), lambda saving: saving == 0, "%"),
             claim("perfect, 24 h against 0, `carbon_location_g` falls", (at(emissions, "perfect", "24h") - at(emissions, "perfect", "0s")) / 1e3, falls, "kg")]
    columns = [("saved %", saved, 1), *((f"{name} %", f"{saved}_by_region[{name}]", 1) for name in ("AU", "DE", "ZA")),
               ("gain g/kWh", "released_gain_g_per_kwh", 1), ("foreseen g/kWh", "released_gain_foreseen_g_per_kwh", 1), ("held h", "held_s", 1 / 3600)]
    rows = [[f"{forecast}, {limit[:-1]} h", *(plain(at(outcome, forecast, limit), scale) for _, outcome, scale in columns),
             *(interval(at(outcome, forecast, limit) - at(outcome, forecast, "0s"), scale) for outcome, scale in ((emissions, 1e-3), ("served_share", 100)))]
            for forecast in study.levels("forecast") for limit in study.levels("limit")[1:]]
    return lines + ["", "Means over replicates: saved of the carbon of requests that can wait, by serving region; what those held back gained, were to "
                    "gain by the forecast, and how long they were held. Differences to a limit of 0: all emissions, and points of the served share:", "",
                    *table(["forecast, limit", *(title for title, _, _ in columns), "emissions kg", "served"], rows)]


def balancing(study):
    def change(outcome, level, reference):
        return each(study, outcome, balancing=level) - each(study, outcome, balancing=reference)

    lines = [claim("least energy against weighted, energy of serving and carrying falls",
                   sum(change(outcome, "least energy", "weighted") for outcome in ("energy_kwh", "transfer_kwh")), falls, "kWh"),
             claim("greedy carbon against weighted, `carbon_location_g` falls",
                   change(EMISSIONS[1], "greedy carbon", "weighted") * EMISSIONS[2], falls, "t"),
             *(claim(f"{level} against random, `delay_s` falls", change("delay_s", level, "random"), falls, "s")
               for level in ("shortest queue", "power of d, requests"))]
    columns = [EMISSIONS, ENERGY, ("carrying kWh", "transfer_kwh", 1), DELAY, SERVED, HOT, ("idle", "idle_share", 100)]
    return lines + ["", "Differences to the weighted score, shares in points:", "", *compared(study, columns, "balancing", "weighted", "policy")]


def carbon_greedy(study):
    def rise(level, outcome=EMISSIONS[1], factor=EMISSIONS[2]):
        return factor * (each(study, outcome, balancing=level) - each(study, outcome, balancing="greedy"))

    lines = [claim("greedy against weighted, `carbon_location_g` falls", -rise("weighted"), falls, "t"),
             *(claim(f"{x} against greedy without limits, `carbon_location_g` rises", rise(x), rises, "t") for x in study.levels("balancing")[2:]),
             claim("greedy at home against greedy without limits, `served_share` falls", rise("greedy, home", "served_share", 100), falls, "points")]
    columns = [EMISSIONS, ENERGY, DELAY, SERVED, SOUTH, NORTH, HOT]
    return lines + ["", "Differences to greedy carbon without limits, shares in points:", "", *compared(study, columns, "balancing", "greedy", "policy")]


def batteries(study):
    forecasts = study.levels("forecast")

    def change(level, reference, forecast):
        grams = [each(study, EMISSIONS[1], battery=one, forecast=forecast) for one in (level, reference)]
        return (grams[0] - grams[1]) * 1e-3

    lines = [claim(f"{level} against {reference}, forecast {forecast}, `carbon_location_g` falls",
                   change(level, reference, forecast), falls, "kg")
             for forecast in forecasts
             for level, reference in (("2h-carbon", "none"), ("8h-carbon", "none"), ("8h-carbon", "2h-carbon"),
                                      ("2h-carbon", "2h-price"), ("8h-carbon", "8h-price"))]
    columns = [("emissions kg", EMISSIONS[1], 1e-3), ("avoided by batteries kg", "battery_avoided_g", 1e-3),
               ("held at the end kg", "battery_held_g", 1e-3), ("lost MWh", "battery_loss_kwh", 1e-3),
               ("used MWh", "used_kwh", 1e-3), ("sellers' surplus USD", "producer_surplus_usd", 1)]
    return lines + ["", "Differences to no batteries:", "",
                    *compared(study, columns, "battery", "none", "forecast, battery", within="forecast")]


STUDIES = [outage, shifting_limit, balancing, carbon_greedy, batteries]
