# What is measured of the audio, one job a shard, and the seal that closes each stage.


rule wav:
    input:
        shard_inputs("wav"),
    output:
        "store/wav/{key}/{shard}.json",
    log:
        "logs/wav/{key}.{shard}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "wav: resampling, shard {wildcards.shard}"
    shell:
        stage_script("wav", "--shard {wildcards.shard}")


rule segments:
    input:
        shard_inputs("segments"),
    output:
        "store/segments/{key}/{shard}.json",
    log:
        "logs/segments/{key}.{shard}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "segments: silence, shard {wildcards.shard}"
    shell:
        stage_script("segments", "--shard {wildcards.shard}")


rule labels:
    input:
        shard_inputs("labels"),
    output:
        "store/labels/{key}/{shard}.json",
    log:
        "logs/labels/{key}.{shard}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "labels: phones, accents and durations, shard {wildcards.shard}"
    shell:
        stage_script("labels", "--shard {wildcards.shard}")


rule pitch:
    input:
        shard_inputs("pitch"),
    output:
        "store/pitch/{key}/{shard}.json",
    log:
        "logs/pitch/{key}.{shard}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "pitch: F0, shard {wildcards.shard}"
    shell:
        stage_script("pitch", "--shard {wildcards.shard}")


rule energy:
    input:
        shard_inputs("energy"),
    output:
        "store/energy/{key}/{shard}.json",
    log:
        "logs/energy/{key}.{shard}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "energy: frame energy, shard {wildcards.shard}"
    shell:
        stage_script("energy", "--shard {wildcards.shard}")


rule mel:
    input:
        shard_inputs("mel"),
    output:
        "store/mel/{key}/{shard}.json",
    log:
        "logs/mel/{key}.{shard}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "mel: log-mel, shard {wildcards.shard}"
    shell:
        stage_script("mel", "--shard {wildcards.shard}")


rule sp:
    input:
        shard_inputs("sp"),
    output:
        "store/sp/{key}/{shard}.json",
    log:
        "logs/sp/{key}.{shard}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "sp: spectral envelope, shard {wildcards.shard}"
    shell:
        stage_script("sp", "--shard {wildcards.shard}")
