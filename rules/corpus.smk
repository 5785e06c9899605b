# Corpora: who says what in which file, the split, and the stand-in corpus.


rule stand_in:
    input:
        whole_inputs("stand_in"),
    output:
        "store/stand_in/{key}/node.json",
    log:
        "logs/stand_in/{key}.log",
    conda:
        "../envs/koeru.yaml"
    threads: 2
    message:
        "stand_in: synthesising a stand-in corpus"
    shell:
        stage_script("stand_in", "--workers {threads}")


rule utterances:
    input:
        corpus_inputs,
    output:
        "store/utterances/{key}/node.json",
    log:
        "logs/utterances/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "utterances: listing the corpora"
    shell:
        stage_script("utterances")


rule splits:
    input:
        whole_inputs("splits"),
    output:
        "store/splits/{key}/node.json",
    log:
        "logs/splits/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "splits: train, dev and eval"
    shell:
        stage_script("splits")
