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
        conda:
            "../envs/koeru.yaml"
        params:
            stage=stage,  # Snakemake evaluates `shell` when the job runs: by then the loop has ended
        message:
            "{params.stage}: closing the account"
        shell:
            script("seal", "--node {params.stage}/{wildcards.key}")


rule stats:
    input:
        whole_inputs("stats"),
    output:
        "store/stats/{key}/node.json",
    log:
        "logs/stats/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "stats: normalisation statistics of the training split"
    shell:
        stage_script("stats")


rule pairs:
    input:
        whole_inputs("pairs"),
    output:
        "store/pairs/{key}/node.json",
    log:
        "logs/pairs/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "pairs: parallel utterances of two speakers"
    shell:
        stage_script("pairs")


rule dataset:
    input:
        whole_inputs("dataset"),
    output:
        "store/dataset/{key}/node.json",
    log:
        "logs/dataset/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "dataset: the account, the quality page and the gates"
    shell:
        stage_script("dataset")
