"""A Slurm of one node on loopback, for tests of the batch scripts that swarmsim writes.

    with Cluster(folder) as cluster:
        job = cluster.submit("--array=0-3", "script.sh")
        tasks = cluster.wait_for([job], timeout=60)

usage: cluster.py --self-test [unittest options]
       cluster.py --run FOLDER COMMAND...    runs COMMAND with such a Slurm; state and logs stay in FOLDER

Everything is in the folder: configuration, state, logs, munge's key and socket. Nothing outside it is read or
changed, and the ports are free ones, so several can run side by side. It needs root, but no systemd, cgroups
or database. Whatever runs under the configuration ends with the cluster, also if the test is killed: guard().
"""
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAMS = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo")
PACKAGES = "slurmctld slurmd slurm-client munge"
# A job is in one of these once it ends; one that is requeued goes from COMPLETING to PENDING, past them all.
ENDED = {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "TIMEOUT"}
# A path of a Unix socket holds 107 characters; slurmd adds about 35 to the folder.
LONGEST_FOLDER = 70
# Slurm's own variables of the caller (it may be a job itself) must not reach the cluster.
FOREIGN = ("SLURM", "SBATCH", "SRUN_", "SALLOC", "SQUEUE", "SINFO", "SCANCEL", "SCONTROL")

# A requeued job waits for cred_expire and one second more; the default of 120 s would be long for a test.
SETTINGS = {
    "ClusterName": "test", "SlurmctldHost": "localhost(127.0.0.1)", "SlurmctldAddr": "127.0.0.1",
    "SlurmUser": "root", "SlurmdUser": "root", "AuthType": "auth/munge", "CryptoType": "crypto/munge",
    "AuthInfo": "socket={folder}/munge.socket,cred_expire=5",
    "SlurmctldPort": "{controller}", "SlurmdPort": "{node}",
    "StateSaveLocation": "{folder}/controller", "SlurmdSpoolDir": "{folder}/node",
    "SlurmctldPidFile": "{folder}/slurmctld.pid", "SlurmdPidFile": "{folder}/slurmd.pid",
    "SlurmctldLogFile": "{folder}/slurmctld.log", "SlurmdLogFile": "{folder}/slurmd.log",
    "ProctrackType": "proctrack/linuxproc", "TaskPlugin": "task/none", "MpiDefault": "none",
    "MailProg": "/bin/true", "ReturnToService": "2", "SlurmdParameters": "config_overrides",
    "SchedulerType": "sched/backfill", "SelectType": "select/cons_tres", "SelectTypeParameters": "CR_Core",
    "SchedulerParameters": "batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1",
    "JobAcctGatherType": "jobacct_gather/none", "JobCompType": "jobcomp/none",
    "AccountingStorageType": "accounting_storage/none",
    "MinJobAge": "300", "MaxArraySize": "10001", "KillWait": "5",
}
# For tests of failing nodes: slurmd back without a job is noticed if the job ran for 5 s before, not 20 s.
QUICK_FAILURE = {"BatchStartTimeout": "1", "MessageTimeout": "4"}
NODES = """NodeName=localhost NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=16 RealMemory=8000 State=UNKNOWN
PartitionName=test Nodes=localhost Default=YES MaxTime=INFINITE State=UP
"""


class SlurmError(Exception):
    """Slurm cannot start or a command failed; the message says why."""


def cannot_start():
    """None, or why no cluster can start here."""
    if os.geteuid() != 0:
        return "not root: slurmd starts jobs only as root"
    missing = [name for name in PROGRAMS if not shutil.which(name, path=search_path())]
    return f"not installed: {' '.join(missing)} (apt-get install {PACKAGES})" if missing else None


def search_path():
    return os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"


def free_ports():
    """Two free ports, below those that Linux gives to clients. Another process may be faster than us."""
    with contextlib.ExitStack() as held:
        found = []
        for port in random.SystemRandom().sample(range(12000, 32000), 200):
            trial = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                trial.bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == 2:
                return found
    raise SlurmError("no free ports between 12000 and 32000")


def processes_of(conf, steps_only=False):
    """The processes that were started with SLURM_CONF=conf: daemons, steps, jobs and what these started."""
    mark = f"SLURM_CONF={conf}".encode()
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            env = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            of_step = (pathlib.Path(f"/proc/{pid}/comm").read_text() == "slurmstepd\n"
                       or any(entry.startswith(b"SLURM_JOB_ID=") for entry in env))
            if mark in env and int(pid) != os.getpid() and (of_step or not steps_only):
                found.append(int(pid))
    return found


def guard(conf):
    """Waits until the caller asks or ends, in whatever way; kills all that runs under conf; prints the rest.

    A process of its own and nobody's child: SIGKILL cannot be handled, and ctest kills a test that is late
    with its children, but not the jobs, which slurmd has set apart.
    """
    if os.fork() != 0:
        os._exit(0)
    os.setsid()
    sys.stdin.readline()
    deadline = time.monotonic() + 20
    while (running := processes_of(conf)) and time.monotonic() < deadline:
        for pid in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    print(*running, end="", flush=True)


def fields(line):
    """{"JobId": "4", "JobState": "RUNNING", ...} from a line of scontrol show -o; values may have blanks."""
    return dict(re.findall(r"(?:^| )([A-Z][\w:/]*)=(.*?)(?= [A-Z][\w:/]*=|\s*$)", line))


class Cluster:
    """folder: where its files go, made if missing; ports: makes the ports of controller and node;
    settings: lines of slurm.conf to change, such as KillWait="2".

    Attributes: folder, conf (path of slurm.conf), env (for whatever is to use this Slurm).
    """

    def __init__(self, folder, ports=free_ports, **settings):
        self.folder = os.path.realpath(folder)
        self.conf = self.path("slurm.conf")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
        self.env.update(SLURM_CONF=self.conf, PATH=search_path())
        self.ports = ports
        self.settings = {**SETTINGS, **settings}
        self.daemons = {}
        self.guardian = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def __enter__(self):
        if reason := cannot_start():
            raise SlurmError(reason)
        if len(self.folder) > LONGEST_FOLDER:
            raise SlurmError(f"{self.folder}: longer than {LONGEST_FOLDER} characters, no place for sockets")
        if running := processes_of(self.conf):
            raise SlurmError(f"{self.folder}: in use, processes {running} have SLURM_CONF={self.conf}")
        for attempt in range(5):
            try:
                self.start()
                return self
            except BaseException as error:
                self.stop()
                taken = isinstance(error, SlurmError) and "Address already in use" in str(error)
                if not taken or attempt == 4:
                    raise

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.write_files()
        command = [sys.executable, os.path.realpath(__file__), "--guard", self.conf]
        self.guardian = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL)
        self.guardian.wait(timeout=10)
        files = {"socket": "munge.socket", "key-file": "munge.key", "pid-file": "munged.pid",
                 "seed-file": "munge.seed", "log-file": "munged.log"}
        options = [f"--{option}={self.path(name)}" for option, name in files.items()]
        self.start_daemon("munged", "--foreground", "--force", *options)
        self.wait_until(10, "munged to answer",
                        lambda: self.call("munge", "-n", "-S", self.path("munge.socket")).returncode == 0)
        self.start_daemon("slurmctld", "-D", "-c")
        self.start_node()

    def write_files(self):
        """An empty state, a configuration and a key, whatever an earlier cluster left in the folder."""
        os.makedirs(self.folder, exist_ok=True)
        for name in ("controller", "node"):
            shutil.rmtree(self.path(name), ignore_errors=True)
            os.mkdir(self.path(name))
        for name in ("munged.log", "slurmctld.log", "slurmd.log", "munge.key"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.path(name))
        controller, node = self.ports()
        with open(self.conf, "w") as file:
            for name, value in self.settings.items():
                file.write(f"{name}={value.format(folder=self.folder, controller=controller, node=node)}\n")
            file.write(NODES)
        with open(os.open(self.path("munge.key"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(128))

    def start_daemon(self, name, *arguments):
        with open(self.path(f"{name}.out"), "ab") as out:
            self.daemons[name] = subprocess.Popen([name, *arguments], cwd=self.folder, env=self.env,
                                                  stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                                  start_new_session=True)

    def start_node(self, timeout=60):
        """Starts slurmd and waits until its node takes jobs; also after kill_node()."""
        sign = self.path("slurmd.pid")
        with contextlib.suppress(FileNotFoundError):
            os.remove(sign)
        self.start_daemon("slurmd", "-D", "-N", "localhost")
        self.wait_until(timeout, "the node to take jobs",
                        lambda: os.path.exists(sign) and self.node_state() in ("idle", "mixed", "allocated"))

    def kill_node(self, jobs=True):
        """Ends slurmd with SIGKILL, and all that it had started (the node crashed); jobs=False: only slurmd.

        After start_node() a crashed job goes back to the queue if it ran for 20 s before (see QUICK_FAILURE);
        one that ran for less is not missed, and seems to run until its time limit.
        """
        daemon = self.daemons.pop("slurmd")
        daemon.kill()
        daemon.wait()
        while jobs and (steps := processes_of(self.conf, steps_only=True)):
            for pid in steps:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def node_state(self):
        """As sinfo says it, such as idle; "idle*" means that the node does not respond."""
        return self.call("sinfo", "-h", "-o", "%T").stdout.strip()

    def wait_until(self, timeout, what, condition):
        deadline = time.monotonic() + timeout
        while not condition():
            ended = [name for name, daemon in self.daemons.items() if daemon.poll() is not None]
            if ended or time.monotonic() > deadline:
                problem = f"{ended[0]} ended" if ended else f"waited {timeout} s"
                raise SlurmError(f"{problem} (waiting for {what})\n{self.logs()}")
            time.sleep(0.05)

    def logs(self):
        """The ends of the daemons' logs."""
        text = []
        for name in ("munged.log", "slurmctld.log", "slurmd.log"):
            with contextlib.suppress(OSError):
                lines = pathlib.Path(self.path(name)).read_text(errors="replace").splitlines()
                text += [f"--- {name}", *lines[-15:]]
        return "\n".join(text)

    def stop(self):
        """Kills all that runs under this configuration. Safe to call twice."""
        if self.guardian is None:
            return
        asked, self.guardian = self.guardian, None
        left, _ = asked.communicate("stop\n", timeout=30)
        for daemon in self.daemons.values():
            daemon.wait(timeout=10)
        self.daemons.clear()
        if left:
            raise SlurmError(f"processes with SLURM_CONF={self.conf} do not end: {left}")

    def call(self, *command, **options):
        """A finished process with its output."""
        options = {"stdin": subprocess.DEVNULL, "env": self.env, "timeout": 60, **options}
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def output(self, *command, **options):
        """What a command printed; SlurmError when it fails."""
        said = self.call(*command, **options)
        if said.returncode != 0:
            problem = (said.stderr or said.stdout).strip()
            raise SlurmError(f"{' '.join(command)}: exit {said.returncode}: {problem}")
        return said.stdout

    def submit(self, *arguments, **options):
        """The job's number, of sbatch with these options and script."""
        return self.output("sbatch", "--parsable", *arguments, **options).strip().split(";")[0]

    def queue(self):
        """{"4_0": "RUNNING", ...}: what waits or runs, one entry for each task of an array."""
        lines = self.output("squeue", "-h", "-r", "-o", "%i %T").split("\n")
        return dict(line.split() for line in lines if line)

    def tasks(self, job):
        """The fields of a job, or of each task of an array in order, as scontrol knows them.

        Tasks of an array that have not been started may share one entry, whose ArrayTaskId is such as 2-19%2.
        """
        lines = self.output("scontrol", "show", "job", "-o", str(job)).splitlines()
        found = [fields(line) for line in lines if line.startswith("JobId=")]
        return sorted(found, key=lambda task: int(re.match(r"\d*", task.get("ArrayTaskId", "")).group() or 0))

    def warn(self, task):
        """Now what #SBATCH --signal=B:USR1@N does before the time limit: USR1 to the batch script's shell."""
        self.output("scancel", "--batch", "--signal=USR1", task)

    def time_out(self, task):
        """Ends a task by its time limit (state TIMEOUT) within 30 s, since Slurm looks that often."""
        self.output("scontrol", "update", f"JobId={task}", "TimeLimit=0")

    def wait_for(self, jobs, timeout):
        """Waits until all tasks of all jobs have ended, through requeues; returns {job: tasks(job)}."""
        deadline = time.monotonic() + timeout
        while True:
            found = {job: self.tasks(job) for job in jobs}
            if all(task["JobState"] in ENDED for tasks in found.values() for task in tasks):
                return found
            if time.monotonic() > deadline:
                lines = [f"{job}_{task.get('ArrayTaskId', '')} {task['JobState']} {task['Reason']}"
                         for job, tasks in found.items() for task in tasks]
                raise SlurmError(f"jobs have not ended after {timeout} s: {lines}\n{self.logs()}")
            time.sleep(0.1)


class SelfTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="swarm_slurm_")
        self.addCleanup(shutil.rmtree, self.folder)

    def expect_nothing_left(self, conf):
        deadline = time.monotonic() + 20
        while (running := processes_of(conf)) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(running, [])

    def test_two_clusters_side_by_side(self):
        with contextlib.ExitStack() as both:
            clusters = [both.enter_context(Cluster(os.path.join(self.folder, name))) for name in ("a", "b")]
            jobs = [c.submit("--array=0-1", "-o", c.path("%a.txt"), "--wrap", "hostname") for c in clusters]
            for cluster, job in zip(clusters, jobs):
                tasks = cluster.wait_for([job], 60)[job]
                self.assertEqual([(t["ArrayTaskId"], t["JobState"], t["ExitCode"]) for t in tasks],
                                 [("0", "COMPLETED", "0:0"), ("1", "COMPLETED", "0:0")])
                self.assertEqual(cluster.queue(), {})
                for task in "01":
                    text = pathlib.Path(cluster.path(f"{task}.txt")).read_text()
                    self.assertEqual(text.strip(), socket.gethostname())
            clusters[0].submit("--output=/dev/null", "--wrap", "sleep 1000")
            with self.assertRaisesRegex(SlurmError, "no-such-option"):
                clusters[0].submit("--no-such-option")
        for cluster in clusters:
            self.expect_nothing_left(cluster.conf)

    def test_a_taken_port_is_not_the_end(self):
        taken, first = socket.create_server(("127.0.0.1", 0)), []

        def ports():
            first.append(1)
            return (taken.getsockname()[1], *free_ports()[:1]) if len(first) == 1 else free_ports()

        with taken, Cluster(self.folder, ports=ports) as cluster:
            self.assertEqual((len(first), cluster.node_state()), (2, "idle"))

    def test_the_user_is_killed_and_the_folder_used_again(self):
        command = [sys.executable, os.path.realpath(__file__), "--run", self.folder, "sh", "-c",
                   "sbatch -o /dev/null --wrap 'sleep 1000' && squeue -h -r && sleep 1000"]
        for _ in range(2):
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as user:
                try:
                    self.assertEqual(user.stdout.readline().strip(), "Submitted batch job 1")
                    self.assertEqual(user.stdout.readline().split()[0], "1")
                    with self.assertRaisesRegex(SlurmError, "in use"), Cluster(self.folder):
                        pass
                finally:
                    user.kill()
            self.expect_nothing_left(os.path.join(self.folder, "slurm.conf"))

    def test_a_crashed_node(self):
        with Cluster(self.folder, **QUICK_FAILURE) as cluster:
            script = "test -n \"$SLURM_RESTART_COUNT\" || sleep 1000"
            job = cluster.submit("--requeue", "-o", "/dev/null", "--wrap", script)
            cluster.wait_until(30, "the job to run", lambda: cluster.tasks(job)[0]["JobState"] == "RUNNING")
            time.sleep(7)
            cluster.kill_node()
            cluster.start_node()
            task, = cluster.wait_for([job], 60)[job]
            self.assertEqual((task["JobState"], task["Restarts"]), ("COMPLETED", "1"))

    def test_a_warning_reaches_the_shell_alone(self):
        with Cluster(self.folder) as cluster:
            script = f"trap 'exit 7' USR1; sleep 1000 & touch {cluster.path('up')}; wait"
            job = cluster.submit("-o", "/dev/null", "--wrap", script)
            cluster.wait_until(30, "the script", lambda: os.path.exists(cluster.path("up")))
            cluster.warn(job)
            self.assertEqual(cluster.wait_for([job], 30)[job][0]["ExitCode"], "7:0")


def main(arguments):
    if arguments[:1] == ["--guard"] and len(arguments) == 2:
        guard(arguments[1])
        return 0
    try:
        if arguments[:1] == ["--self-test"]:
            if os.geteuid() != 0:
                print(f"skipped: {cannot_start()}")
                return 77
            unittest.main(argv=["cluster.py", *arguments[1:]])
        if arguments[:1] == ["--run"] and len(arguments) > 2:
            with Cluster(arguments[1]) as cluster:
                return subprocess.run(arguments[2:], env=cluster.env).returncode
    except SlurmError as error:
        print(f"cluster.py: {error}", file=sys.stderr)
        return 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
