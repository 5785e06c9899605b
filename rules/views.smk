# Views: data/<spk>, and of each table of trainings a folder such as exp/<exp>. An entry's name is a rule that waits for the ticket `.shows/<key>`
# in the view's folder; a view that shows another key lacks the ticket, so it is shown anew, whatever Snakemake remembers.


rule show:
    input:
        view_inputs,
    output:
        "{kind}/{name}/.shows/{key}",
    log:
        "logs/show/{kind}.{name}.{key}.log",
    wildcard_constraints:
        kind="|".join(PLAN.graph.views),
        name="[A-Za-z0-9_.-]+",
    localrule: True
    conda:
        "../envs/koeru.yaml"
    message:
        "show: {wildcards.kind}/{wildcards.name}"
    shell:
        script("show", "{wildcards.kind}/{wildcards.name}")


for kind, entries in PLAN.graph.views.items():
    for entry in entries:
        for slash in ("", "/"):

            rule:
                name:
                    f"{kind}/{entry}{slash}"
                input:
                    views_of(kind, entry),
                localrule: True


rule all:
    default_target: True
    input:
        [PLAN.view(kind, entry) for kind, entries in PLAN.graph.views.items() for entry in entries],
    localrule: True


# What these two print is printed while the Snakefile is read (rules/common.smk); the rules only give the targets their
# names.
rule status:
    localrule: True


rule corpora:
    localrule: True
