"""Run a command beside a Slurm cluster of one host: real munged, slurmctld and slurmd, with GPUs that are plain files.

    python tools/one_host_slurm.py sinfo        # as root; --can only says whether that can be done here

What runs inside a job finds its cluster only by the standard path, /etc/slurm, and this host's own is not to be
touched: so all this has a mount namespace of its own. It is also the first process of a PID namespace, and whatever
the command leaves running ends with it. The cluster believes in more processors than there may be: its jobs are those
of tests, which wait more than they compute.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = Path("/etc/slurm")
WITHIN = "KOERU_ONE_HOST_SLURM"  # set where the namespaces are this process's own
UNSHARE = ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"]
CPUS, GPUS = 8, 2
SLURM_CONF = """\
ClusterName=koeru
SlurmctldHost={host}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=20
CryptoType=crypto/munge
SlurmctldPort=26817
SlurmdPort=26818
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MinJobAge=86400
KillWait=30
ReturnToService=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
GresTypes=gpu
NodeName={host} CPUs={cpus} RealMemory=64000 Gres=gpu:{gpus} State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES MaxTime=INFINITE State=UP PriorityTier=10
PartitionName=gpu Nodes={host} MaxTime=INFINITE State=UP PriorityTier=10
PartitionName=urgent Nodes={host} MaxTime=INFINITE State=UP PriorityTier=100
"""


def obstacle() -> str:
    """Why there can be no cluster here; empty where there can."""
    if os.geteuid() != 0:
        return "root is needed, to start Slurm's daemons"
    tried = subprocess.run([*UNSHARE, "true"], capture_output=True, text=True)
    return f"no namespaces to be had: {tried.stderr.strip()}" if tried.returncode else ""


@contextmanager
def cluster(folder: Path) -> Iterator[None]:
    """Run the cluster while the block runs, with its state and its logs in a folder."""
    host = socket.gethostname().split(".")[0]
    config = folder / "etc"
    for name in ("etc", "state", "spool", "gpus"):
        (folder / name).mkdir(parents=True)
    values = {"host": host, "folder": folder, "cpus": CPUS, "gpus": GPUS}
    (config / "slurm.conf").write_text(SLURM_CONF.format(**values))
    (config / "gres.conf").write_text(f"NodeName={host} Name=gpu File={folder}/gpus/gpu[0-{GPUS - 1}]\n")
    for number in range(GPUS):
        (folder / "gpus" / f"gpu{number}").touch()
    CONFIG.mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", config, CONFIG], check=True)
    daemons: list[subprocess.Popen] = []
    try:
        daemons += _daemons(folder)
        _wait(host)
        yield
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(timeout=60)
        subprocess.run(["umount", CONFIG], check=True)


def _daemons(folder: Path) -> Iterator[subprocess.Popen]:
    key, socket_path = folder / "munge.key", folder / "munge.socket"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    files = {"key-file": key, "socket": socket_path, "pid-file": "munged.pid", "seed-file": "munge.seed"}
    options = [f"--{name}={folder / value}" for name, value in (files | {"log-file": "munged.log"}).items()]
    # --force: it warns of folders that others may write to, such as the parents of a temporary one.
    yield _started(folder, ["munged", "--foreground", "--force", *options])
    _until(socket_path.exists, "munged's socket", folder / "munged.log")
    yield _started(folder, ["slurmctld", "-D", "-c"])
    yield _started(folder, ["slurmd", "-D"])


def _started(folder: Path, command: list[str]) -> subprocess.Popen:
    log = open(folder / f"{command[0]}.out", "wb")  # noqa: SIM115 - it is the daemon's
    return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)


def _wait(host: str) -> None:
    def idle() -> bool:
        found = subprocess.run(["sinfo", "-h", "-n", host, "-o", "%T"], capture_output=True, text=True)
        return set(found.stdout.split()) == {"idle"}

    _until(idle, "an idle node", CONFIG / "slurm.conf")


def _until(condition: Callable[[], bool], what: str, see: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s in vain for {what}: see {see} and its neighbours")
        time.sleep(0.2)


def main() -> None:
    if found := obstacle():
        sys.exit(f"no Slurm of one host here: {found}")
    if sys.argv[1:] == ["--can"]:
        return
    if WITHIN not in os.environ:
        os.execvpe(UNSHARE[0], [*UNSHARE, sys.executable, __file__, *sys.argv[1:]], os.environ | {WITHIN: "1"})
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    with cluster(folder):
        status = subprocess.run(sys.argv[1:]).returncode
    if status:
        sys.exit(f"exit status {status}; what the daemons said: {folder}/*.log")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
