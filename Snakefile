# koeru: speech corpora in, trained Japanese voices out.
#
#   snakemake --cores 8 exp/LINE_15     train an experiment, with whatever it still lacks
#   snakemake --cores 8 data/LINE_3     make a dataset
#   snakemake --cores 8 vocoder/LINE_6  fine-tune a vocoder
#   snakemake -n exp/LINE_15            what would run, and which parameter is the reason
#   snakemake status                    every dataset and experiment: fresh, stale (why) or missing
#   snakemake corpora                   every corpus: found or not, files, hours, speakers, licence
#
# What an entry may say: koeru/config/ and koeru/families/*/entry.py; what depends on what: koeru/graph/stages.py,
# koeru/graph/graph.py and koeru/families/*/family.py; which jobs make it: koeru/graph/plan.py. This file and rules/ only
# put Snakemake's words to them.
from snakemake.utils import min_version

min_version("9.27")


configfile: f"{workflow.basedir}/config.yaml"


include: "rules/retries.smk"
include: "rules/common.smk"
include: "rules/data.smk"
include: "rules/families.smk"
include: "rules/views.smk"


if unknown := set(workflow.resource_settings.overwrite_resources) - {*KINDS, *(rule.name for rule in workflow.rules)}:
    raise WorkflowError(f"set-resources: there is no rule and no kind of jobs {', '.join(sorted(unknown))}")
