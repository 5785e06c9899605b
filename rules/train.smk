# Trainings, in chunks of epochs: each saved epoch is a file that the next chunk, or another experiment, starts from.


rule train:
    input:
        epoch_inputs,
    output:
        "store/train/{key}/epoch_{epoch}.json",
    log:
        "logs/train/{key}.{epoch}.log",
    conda:
        "../envs/koeru.yaml"
    threads: training_threads
    resources:
        gpu=lambda wildcards: at("train", wildcards.key).settings["train.devices"],
    params:
        start=lambda wildcards: PLAN.start(at("train", wildcards.key), int(wildcards.epoch)),
    message:
        "train: to epoch {wildcards.epoch}"
    shell:
        stage_script("train", "--epoch {wildcards.epoch} --start {params.start}")
