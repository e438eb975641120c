"""Networks against other libraries and against the machine: a part of run.py.

bench_networks (bench/networks/) prints one line of JSON per contestant and case; figures that vary are [least, median,
most] over rounds in which all contestants, the core's peak and the plain reading of as many bytes take turns.
"""
import json
import subprocess

LEVELS = {"L1": "first-level cache", "L2": "second-level cache", "L3": "third-level cache", "DRAM": "memory"}
OURS = "swarmsim"
OF_PEAK = {8: 80, 32: 95, 64: 95}  # from cache
INT8_OF_PEAK = {32: 75, 64: 75}  # of multiply-adds of bytes, from cache
TRAINING_OF_PEAK = {8: 75, 32: 90, 64: 90}


def measure(program, quick):
    """The records, the machine's own first."""
    done = subprocess.run([program] + (["--quick"] if quick else []), check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def of(records, part):
    return [one for one in records if one["part"] == part]


def cases(records):
    """The records of each case, by contestant, in the order of measuring."""
    out = {}
    for one in records:
        out.setdefault((one["shape"], one["models"], one["batch"]), {})[one["contestant"]] = one
    return out


def add_best_peer(table, what, case):
    """How ours compares with whoever of the others is fastest, if there are others."""
    best = min((one for one in case.values() if "ours_gain" in one), key=lambda one: one["ours_gain"][1], default=None)
    if best is None:
        return
    table.add(f"{what}, against the best peer ({best['contestant']})", best["ours_gain"], "×", ("≥", 1))


def add_machine(table, machine):
    for kind, rate in machine["peak_macs_per_s"].items():
        table.add(f"multiply-adds of one core, {kind}", [rate / 1e9], "GMAC/s")
    for level, rate in machine["read_bytes_per_s"].items():
        name, _, cores = level.partition(", ")
        table.add(f"reading from {LEVELS[name]}, {cores or 'one core'}", [rate / 1e9], "GB/s")


def add_rows(table, records):
    """The rows that have targets."""
    add_machine(table, records[0])
    for (shape, _, batch), case in cases(of(records, "reference")).items():
        ours = case[OURS]
        what = f"network {shape}, batch {batch}, weights in {LEVELS[ours['level']]}"
        if batch == 1:
            table.add(f"{what}, of its bandwidth", ours["bandwidth_percent"], "%", ("≥", 90))
        else:
            target = ("≥", OF_PEAK[batch]) if ours["level"] != "DRAM" else None
            table.add(f"{what}, of the peak", ours["peak_percent"], "%", target)
        add_best_peer(table, what, case)
    for (shape, models, batch), case in cases(of(records, "int8")).items():
        ours = case[OURS]
        what = f"{models:,} of {shape} in int8, batch {batch}, weights in {LEVELS[ours['level']]}"
        if batch == 1:
            table.add(f"{what}, of its bandwidth", ours["bandwidth_percent"], "%")
        else:
            target = INT8_OF_PEAK.get(batch) if ours["level"] != "DRAM" else None
            table.add(f"{what}, of the peak of bytes", ours["peak_percent"], "%", target and ("≥", target))
        add_best_peer(table, what, case)
    for (shape, models, batch), case in cases(of(records, "bf16")).items():
        if batch < 32:
            continue
        what = f"{models:,} of {shape} by the bf16 instruction, batch {batch}, weights in {LEVELS[case[OURS]['level']]}"
        target = ("≥", 85) if case[OURS]["level"] != "DRAM" else None
        table.add(f"{what}, of its peak", case[OURS]["peak_percent"], "%", target)
        add_best_peer(table, what, case)
    for (shape, _, batch), case in cases(of(records, "training")).items():
        what = f"training step of {shape}, batch {batch}"
        table.add(f"{what}, of the peak", case[OURS]["peak_percent"], "%", ("≥", TRAINING_OF_PEAK[batch]))
        add_best_peer(table, what, case)
    for (shape, models, _), case in cases(of(records, "tiny")).items():
        rates = [1 / microseconds for microseconds in case[OURS]["us_per_model"]]
        table.add(f"agents with a network {shape} of their own, {models:,}, one core", rates, "million/s", ("≥", 10))
        add_best_peer(table, f"agents with a network {shape} of their own", case)
    for one in of(records, "threads"):
        table.add(f"two threads, {one['models']} networks {one['shape']}, batch {one['batch']}",
                  one["two_threads_gain"], "×", ("≥", 1.9))


def cell(one):
    """Microseconds per model, and how near that is to what limits it: bandwidth for one sample, else arithmetic."""
    if one is None:
        return ""
    share = one.get("bandwidth_percent", one["peak_percent"])[1]
    return f"{one['us_per_model'][1]:.3g} ({share:.0f} %)"


def wide_table(records):
    """One line per case, one column per contestant."""
    names = list(dict.fromkeys(one["contestant"] for one in records))
    lines = ["| network | models | weights in | batch | " + " | ".join(names) + " |",
             "| --- | ---: | --- | ---: |" + " ---: |" * len(names)]
    for (shape, models, batch), case in cases(records).items():
        level = next(iter(case.values()))["level"]
        lines.append(f"| {shape} | {models:,} | {level} | {batch} | " +
                     " | ".join(cell(case.get(name)) for name in names) + " |")
    return "\n".join(lines)


def peers_line(machine):
    there = [f"{name} {version}" for name, version in machine["peers"].items() if version]
    missing = [name for name, version in machine["peers"].items() if not version]
    return f"Peers: {', '.join(there)}." + (f" Not installed, hence left out: {', '.join(missing)}." if missing else "")


def markdown(records):
    """What the page shows below the rows with targets."""
    text = [peers_line(records[0]),
            "Microseconds per model and batch; in brackets the share of the bandwidth at batch 1, of the core's peak "
            "otherwise.",
            wide_table(of(records, "reference") + of(records, "sweep"))]
    if of(records, "int8"):
        text += ["The same in bytes (u8 · s8, requantised between layers), as share of the peak in bytes.",
                 wide_table(of(records, "int8")),
                 "The same with weights of four bits, which peers take as bytes.", wide_table(of(records, "int4"))]
    if of(records, "bf16"):
        text += ["The same in bf16 throughout, by the instruction that multiplies pairs of it, as share of its peak.",
                 wide_table(of(records, "bf16"))]
    return "\n\n".join(text)
