# Whole datasets: sealed stages, statistics, and the account with its quality page and gates.

for stage in ("wav", "segments", "labels", "pitch", "energy", "mel", "sp"):

    rule:
        name:
            f"seal_{stage}"
        input:
            whole_inputs(stage),
        output:
            f"store/{stage}/{{key}}/node.json",
        log:
            f"logs/{stage}/{{key}}.seal.log",
        localrule: True
        params:
            node=spec(stage),
        message:
            f"{stage}: closing the account"
        shell:
            f"{PYTHON} {SCRIPTS}/seal.py --node {{params.node:q}}" + TEE


rule stats:
    input:
        whole_inputs("stats"),
    output:
        "store/stats/{key}/node.json",
    log:
        "logs/stats/{key}.log",
    params:
        node=spec("stats"),
    message:
        "stats: normalisation statistics of the training split"
    shell:
        JOB + TEE


rule dataset:
    input:
        whole_inputs("dataset"),
    output:
        "store/dataset/{key}/node.json",
    log:
        "logs/dataset/{key}.log",
    params:
        node=spec("dataset"),
    message:
        "dataset: the account, the quality page and the gates"
    shell:
        JOB + TEE
