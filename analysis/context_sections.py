"""What the studies of context windows found (study_findings.py)."""
from policy_pilot import number
from study_sections import EMISSIONS, claim, compared, each, falls, rises, table
from swarmsim_analysis.appearance import shown


def context(study):
    lines = []
    for snapshots in study.levels("snapshots"):
        for outcome, word, holds in (("context_exhaustion_share", "falls", falls), ("essential_context_kept", "rises", rises)):
            values = [100 * each(study, outcome, strategy=s, snapshots=snapshots) for s in ("preemptive", "reactive")]
            lines.append(claim(f"preemptive against reactive, {shown(snapshots)} snapshots, `{outcome}` {word}", values[0] - values[1], holds, "points"))
    rows = [[f"{strategy}, {shown(snapshots)}", f"`{outcome}`",
             ", ".join(number(100 * x, False) for x in each(study, outcome, strategy=strategy, snapshots=snapshots))]
            for strategy in study.levels("strategy") for snapshots in study.levels("snapshots")
            for outcome in ("context_exhaustion_share", "essential_context_kept", "budget_close_share")]
    columns = [("answers run over", "context_exhaustion_share", 100), ("essential kept", "essential_context_kept", 100),
               ("budgets close", "budget_close_share", 100), ("handovers s", "handover_s", 1), ("served", "served_share", 100),
               ("delay s", "delay_s", 1), EMISSIONS]
    return lines + ["", "Every replicate, %:", "", *table(["strategy, snapshots", "figure", "replicates"], rows),
                    "Differences to reactive, shares in points:", "",
                    *compared(study, columns, "strategy", "reactive", "snapshots, strategy", within="snapshots")]


def synchrony(study):
    widest = study.levels("window")[-1]
    lines = []
    for gate in study.levels("gate"):
        plain, gated, run_over = (each(study, outcome, window=widest, gate=gate) for outcome in
                                  ("context_alarms_plain", "context_alarms_gated", "context_exhausted_steps"))
        lines += [claim(f"gate {shown(gate)}, {shown(widest)} tok, alarms without the gate where no window runs over",
                        [x if y == 0 else 0 for x, y in zip(plain, run_over)], rises, "alarms"),
                  claim(f"gate {shown(gate)}, {shown(widest)} tok, alarms with the gate: none", gated, lambda x: x == 0, "alarms")]
        few = study.levels("window")[0]
        plain, gated = (each(study, f"context_alarms_{which}", window=few, gate=gate) for which in ("plain", "gated"))
        lines.append(claim(f"gate {shown(gate)}, {shown(few)} tok, alarms that the gate leaves out, less than 10",
                           100 * (plain - gated) / plain, lambda x: x < 10, "%"))
    figures = [("run over", "context_exhausted_steps"), ("alarms plain", "context_alarms_plain"), ("gated", "context_alarms_gated"),
               ("precision plain", "context_precision_plain"), ("gated", "context_precision_gated"),
               ("recall plain", "context_recall_plain"), ("gated", "context_recall_gated")]
    rows = [[f"{shown(window)}, {shown(gate)}", *(number(float(study.at(window=window, gate=gate).scalar(outcome).mean()), False) for _, outcome in figures)]
            for window in study.levels("window") for gate in study.levels("gate")]
    return lines + ["", "Means over replicates, in steps of a region; precision and recall as shares:", "",
                    *table(["window, gate acts", *(head for head, _ in figures)], rows)]


STUDIES = [context, synchrony]
