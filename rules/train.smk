# Trainings, in chunks of epochs: each saved epoch is a file that the next chunk, or another experiment, starts from.


def training_threads(wildcards):
    """Of each device those of torch, and a process for each worker."""
    settings = at("train", wildcards.key).settings
    return settings["train.devices"] * (settings["train.threads"] + settings["train.workers"])


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
