"""What a failed job is to Slurm: one entry of the queue where the data are at fault."""

from slurm.on_slurm import queue


def test_what_is_told_of_data_is_submitted_once(project):
    config = project.config
    before = len(queue())
    project.set("spk.LINE.speakers", ["Teacher"])
    try:
        output = project.run("data/LINE_3", options=("--until", "utterances"), fails=True)
    finally:
        project.configure(config)
    jobs = [(what.split("_wildcards")[0], state) for _, state, what in queue()[before:]]
    assert [job for job in jobs if job[0] == "rule_utterances"] == [("rule_utterances", "FAILED")], output
    assert "speakers: the dataset has FStudent, MStudent" in output + "".join(
        path.read_text("utf-8") for path in project.folder.glob("logs/utterances/*.log")
    )
