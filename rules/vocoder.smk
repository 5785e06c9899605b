# What a vocoder starts from and learns from, and its page. Its training is in train.smk.


rule weights:
    input:
        weights_inputs,
    output:
        "store/weights/{key}/node.json",
    log:
        "logs/weights/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "weights: reading published weights"
    shell:
        stage_script("weights")


rule gta:
    input:
        whole_inputs("gta"),
    output:
        "store/gta/{key}/node.json",
    log:
        "logs/gta/{key}.log",
    conda:
        "../envs/koeru.yaml"
    threads: lambda wildcards: at("gta", wildcards.key).settings["train.threads"]
    resources:
        gpu=gpus("gta"),
    message:
        "gta: teacher-forced mels"
    shell:
        stage_script("gta")


rule resynthesis:
    input:
        whole_inputs("resynthesis"),
    output:
        "store/resynthesis/{key}/node.json",
    log:
        "logs/resynthesis/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "resynthesis: held-out mels as audio"
    shell:
        stage_script("resynthesis")
