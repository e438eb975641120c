#!/usr/bin/python3
"""The container recipes build swarmsim as the README says.

usage: check_recipes.py ROOT          every difference, exit 1 if there is one
       check_recipes.py --self-test   plants differences and expects them to be found
"""
import pathlib
import re
import sys

PREPARATION = "apt-get update && apt-get install -y --no-install-recommends ca-certificates git make"


def readme_steps(readme):
    block = re.search(r"<!-- install:begin -->\n```sh\n(.*?)```\n<!-- install:end -->", readme, re.S)
    return block.group(1).splitlines() if block else []


def docker_steps(recipe):
    return re.findall(r"^RUN (.*)$", recipe, re.M)


def apptainer_steps(recipe):
    post = re.search(r"^%post\n((?:    .*\n)*)", recipe, re.M)
    return [line.strip() for line in post.group(1).splitlines()][1:] if post else []


def check(root):
    steps = readme_steps((root / "README.md").read_text("utf-8"))
    if not steps:
        return ["README.md: no install block"]
    wanted = [PREPARATION] + steps
    found = {"Dockerfile": docker_steps((root / "docs/container/Dockerfile").read_text("utf-8")),
             "swarmsim.def": [s for s in apptainer_steps((root / "docs/container/swarmsim.def").read_text("utf-8")) if s != "cd /src"]}
    return [f"docs/container/{name}: builds with {steps}, the README with {wanted}" for name, steps in found.items() if steps != wanted]


def self_test():
    readme = "x\n<!-- install:begin -->\n```sh\nmake\ncmake --install b\n```\n<!-- install:end -->\n"
    docker = f"FROM debian:12\nRUN {PREPARATION}\nRUN make\nRUN cmake --install b\n"
    apptainer = f"%post\n    set -e\n    {PREPARATION}\n    cd /src\n    make\n    cmake --install b\n\n%runscript\n    x\n"
    assert docker_steps(docker) == apptainer_steps(apptainer)[:1] + apptainer_steps(apptainer)[2:] == [PREPARATION] + readme_steps(readme)
    import tempfile
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        (root / "docs/container").mkdir(parents=True)
        for text, faults in ((docker, 0), (docker.replace("RUN make\n", ""), 1), (docker.replace("install b", "install c"), 1)):
            (root / "README.md").write_text(readme)
            (root / "docs/container/Dockerfile").write_text(text)
            (root / "docs/container/swarmsim.def").write_text(apptainer)
            assert len(check(root)) == faults, check(root)
        (root / "README.md").write_text("nothing\n")
        assert check(root) == ["README.md: no install block"]
    return 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    problems = check(pathlib.Path(arguments[0]))
    print(*problems, f"{len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
