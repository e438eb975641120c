"""The README's plot, made as it stands there. Usage: readme_plot.py SWARMSIM SOURCE_DIR

Runs two tiny scenarios, one of them in the Global South only, and executes the code between the markers.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"<!-- plot:begin -->\n```python\n(.*?)```\n<!-- plot:end -->\n", re.S)
MOST_LINES = 30
TINY = """[run]
name = "{name}"
warmup = "0d"
duration = "1h"
[population]
agents = 50
[workload]
requests_per_hour = 600
[specialists]
training_samples = 200
"""


def code_of(readme):
    found = BLOCK.findall(readme)
    if len(found) != 1:
        sys.exit(f"README.md has {len(found)} blocks between plot markers, not one")
    if found[0].count("\n") > MOST_LINES:
        sys.exit(f"the README's plot has more than {MOST_LINES} lines")
    return found[0]


def shows_points(png):
    """Whether the first two colours of matplotlib, one per scenario, were drawn."""
    import matplotlib.colors
    import matplotlib.image
    pixels = (matplotlib.image.imread(png)[:, :, :3] * 255).round().astype(int)
    return all((pixels == [round(255 * c) for c in matplotlib.colors.to_rgb(colour)]).all(axis=2).any() for colour in ("C0", "C1"))


def main(program, source):
    program = os.path.abspath(program)
    code = code_of(pathlib.Path(source, "README.md").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "MPLBACKEND": "Agg", "MPLCONFIGDIR": folder, "XDG_CACHE_HOME": folder}

        def execute(*command):
            done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                sys.exit(f"{command[:2]}: exit code {done.returncode}\n{done.stdout}")

        for name, regions in (("both", '["BD", "DE"]'), ("south", '["BD", "KE"]')):
            pathlib.Path(folder, f"{name}.toml").write_text(f"regions = {regions}\n" + TINY.format(name=name), encoding="utf-8")
            execute(program, "run", f"{name}.toml", "--replicates", "2")
        def plot(what):
            execute(sys.executable, "-W", "error::RuntimeWarning", "-c", what)
            made = list(pathlib.Path(folder).glob("*.png"))
            if len(made) != 1:
                sys.exit(f"the plot should be one PNG, and there are {len(made)}")
            return made[0]

        if not shows_points(plot(code)):
            sys.exit("the plot does not show points of both scenarios")
        # Must be able to fail: the same plot without its points.
        if "ax.scatter(" not in code or shows_points(plot(code.replace("ax.scatter(", "(lambda *x, **y: None)("))):
            sys.exit("an empty plot would have been accepted")
    print("the plot of the README shows points of both scenarios")


if __name__ == "__main__":
    main(*sys.argv[1:])
