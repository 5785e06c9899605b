# Families: trainings, in chunks of epochs, each saved one a file that the next chunk, or another entry, starts from; and
# what is made of what they have trained. What uses a device, says so.

for stage, declared in FAMILY_STAGES.items():
    if declared.chunked:

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
            threads: threads_of(stage)
            resources:
                **site("trainings"),
                gpu=gpus(stage),
            params:
                stage=stage,  # Snakemake evaluates `shell` and `message` when the job runs: by then the loop has ended
                start=epoch_before(stage),
            message:
                "{params.stage}: to epoch {wildcards.epoch}"
            shell:
                script(
                    "training",
                    "--node {params.stage}/{wildcards.key} --epoch {wildcards.epoch} --start {params.start}",
                )

    else:

        rule:
            name:
                stage
            input:
                whole_inputs(stage),
            output:
                f"store/{stage}/{{key}}/node.json",
            log:
                f"logs/{stage}/{{key}}.log",
            conda:
                "../envs/koeru.yaml"
            threads: threads_of(stage)
            resources:
                **site("gpu_jobs" if declared.on_device else ""),
                gpu=gpus(stage),
            params:
                stage=stage,
                title=declared.title,
            message:
                "{params.stage}: {params.title}"
            shell:
                script("family", "--node {params.stage}/{wildcards.key}")
