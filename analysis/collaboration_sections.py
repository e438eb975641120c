"""What the studies of councils' reports and of the monitor found (study_findings.py)."""
from policy_pilot import number
from study_sections import EMISSIONS, SERVED, claim, compared, each, falls, table
from swarmsim_analysis.appearance import shown

REGIONS = ("BD", "KE", "DE")
FIGURES = ("integration", "self_assessment", "attention_coherence", "memory_consistency")


def monitor(study):
    steps = {"before": 288, "onset": 6, "onset, no fault": 6, "fault": 72, "after": 360}

    def alarms(figure, window):
        return [each(study, f"monitor_{figure}_anomalies[{region}]", window=window) for region in REGIONS]

    def share(figure, window):
        return 100 * sum(alarms(figure, window)) / (len(REGIONS) * steps[window])

    def regions(figure, window):
        return sum(counts > 0 for counts in alarms(figure, window))

    lines = [claim("onset, self-assessment is out of the ordinary within six steps in all three regions", regions("self_assessment", "onset"),
                   lambda n: n == len(REGIONS), "regions"),
             claim("before, self-assessment is out of the ordinary in at most 5 % of the steps", share("self_assessment", "before"), lambda x: x <= 5, "%")]
    rows = [[f"`{figure}`", *(number(float(each(study, f"monitor_{figure}", window=window).mean()), False) for window in ("before", "fault", "after")),
             *(number(float(share(figure, window).mean()), False) for window in ("before", "fault", "after")),
             *(", ".join(str(int(n)) for n in regions(figure, window)) for window in ("onset", "onset, no fault"))] for figure in FIGURES]
    plain = [[f"`{outcome}`", *(number(100 * float(each(study, outcome, window=window).mean()), False) for window in ("before", "fault", "after"))]
             for outcome in ("accuracy", "council_accuracy", "council_agreement", "council_quality")]
    return lines + ["", "Mean readings and shares of steps out of the ordinary (%), means over replicates; and regions of three in which the figure is so "
                    "within the six steps from noon, by replicate:", "",
                    *table(["figure", "before", "fault", "after", "before %", "fault %", "after %", "onset: regions", "without fault: regions"], rows),
                    "Means over replicates, %:", "", *table(["", "before", "fault", "after"], plain)]


def bus(study):
    budgets = study.levels("budget")
    accuracy = [each(study, "council_accuracy", budget=budget) for budget in budgets]
    changes = [100 * (after - before) for before, after in zip(accuracy, accuracy[1:])]
    lines = [f"- mean over replicates, accuracy of councils falls from {shown(one)} to {shown(other)}: {'held' if change.mean() < 0 else 'did not hold'} "
             f"({number(float(change.mean()))} points)." for one, other, change in zip(budgets, budgets[1:], changes)]
    lines += [claim(f"each replicate, from {shown(one)} to {shown(other)}", change, falls, "points") for one, other, change in zip(budgets, budgets[1:], changes)]
    columns = [("accuracy of councils", "council_accuracy", 100), ("president alone", "council_lead_accuracy", 100), ("not heard", "bus_unheard_share", 100),
               ("bus kWh", "bus_energy_kwh", 1), ("agreement", "council_agreement", 100), ("quality", "council_quality", 100),
               ("accuracy", "accuracy", 100), SERVED, EMISSIONS]
    return lines + ["", "Differences to an unlimited budget, shares in points:", "", *compared(study, columns, "budget", budgets[0], "budget")]


STUDIES = [bus, monitor]
