"""The README's result table is what the pilot scenario gives. Usage: readme_figures.py SWARMSIM SOURCE_DIR

With SWARM_UPDATE_DOCS=1 the table is rewritten instead of compared.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

BEGIN, END = "<!-- result:begin -->\n", "<!-- result:end -->"
HEAD = (
    "| region | requests (simulated) | served by deadline | correct | energy kWh | carbon kg | spent USD |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
)


def table(summary):
    rows = []
    for i, region in enumerate(summary["region"]):
        rows.append(
            f"| {region} | {summary['requests_arrived_by_region'][i]:,}"
            f" | {100 * summary['served_share_by_region'][i]:.1f} %"
            f" | {100 * summary['accuracy_by_region'][i]:.1f} %"
            f" | {summary['energy_kwh_by_region'][i]:,.0f}"
            f" | {summary['carbon_location_g_by_region'][i] / 1000:,.0f}"
            f" | {summary['spend_usd_by_region'][i]:,.0f} |\n"
        )
    return HEAD + "".join(rows)


def main(program, source):
    readme = pathlib.Path(source, "README.md")
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    written, after = rest.split(END)
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [program, "run", str(pathlib.Path(source, "scenarios", "pilot.toml")),
             "-o", str(pathlib.Path(folder, "pilot.h5")), "--summary", "json", "--progress", "never"],
            check=True, stdout=subprocess.PIPE, text=True)
    measured = table(json.loads(run.stdout))
    if os.environ.get("SWARM_UPDATE_DOCS") == "1":
        readme.write_text(before + BEGIN + measured + END + after, encoding="utf-8")
    elif measured != written:
        sys.exit(f"README.md shows\n{written}\nbut the pilot gives\n{measured}\n"
                 "If the change is meant, run this test with SWARM_UPDATE_DOCS=1.")


if __name__ == "__main__":
    main(*sys.argv[1:])
