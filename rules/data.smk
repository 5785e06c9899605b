# Datasets: one rule a stage. What is measured of the audio has one job a shard, and a seal that closes the account.

for stage, declared in DATA_STAGES.items():
    if declared.sharded:

        rule:
            name:
                stage
            input:
                shard_inputs(stage),
            output:
                f"store/{stage}/{{key}}/{{shard}}.json",
            log:
                f"logs/{stage}/{{key}}.{{shard}}.log",
            group:
                shards_together
            conda:
                "../envs/koeru.yaml"
            resources:
                **site("shards"),
            params:
                stage=stage,  # Snakemake evaluates `shell` and `message` when the job runs: by then the loop has ended
                title=declared.title,
            message:
                "{params.stage}: {params.title}, shard {wildcards.shard}"
            shell:
                stage_script("{params.stage}", "--shard {wildcards.shard}")

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
                stage=stage,
            message:
                "{params.stage}: closing the account"
            shell:
                script("seal", "--node {params.stage}/{wildcards.key}")

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
            threads: declared.workers
            params:
                stage=stage,
                title=declared.title,
                workers=f"--workers {declared.workers}" if declared.workers > 1 else "",
            message:
                "{params.stage}: {params.title}"
            shell:
                stage_script("{params.stage}", "{params.workers}")
