# From a trained model to what a person listens to: samples, metrics, the report.


rule synthesis:
    input:
        whole_inputs("synthesis"),
    output:
        "store/synthesis/{key}/node.json",
    log:
        "logs/synthesis/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "synthesis: held-out utterances as audio"
    shell:
        stage_script("synthesis")


rule evaluation:
    input:
        whole_inputs("evaluation"),
    output:
        "store/evaluation/{key}/node.json",
    log:
        "logs/evaluation/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "evaluation: objective metrics"
    shell:
        stage_script("evaluation")


rule exp:
    input:
        whole_inputs("exp"),
    output:
        "store/exp/{key}/node.json",
    log:
        "logs/exp/{key}.log",
    conda:
        "../envs/koeru.yaml"
    message:
        "exp: the report and the exported model"
    shell:
        stage_script("exp")
