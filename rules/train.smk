# Trainings, in chunks of epochs: each saved epoch is a file that the next chunk, or another entry, starts from.

for stage in TRAININGS:

    rule:
        name:
            stage
        input:
            epoch_inputs(stage),
        output:
            f"store/{stage}/{{key}}/epoch_{{epoch}}.json",
        log:
            f"logs/{stage}/{{key}}.{{epoch}}.log",
        conda:
            "../envs/koeru.yaml"
        threads: training_threads(stage)
        resources:
            gpu=gpus(stage),
        params:
            stage=stage,
            start=epoch_before(stage),
        message:
            "{params.stage}: to epoch {wildcards.epoch}"
        shell:
            script(
                "{params.stage}",
                "--node {params.stage}/{wildcards.key} --epoch {wildcards.epoch} --start {params.start}",
            )
