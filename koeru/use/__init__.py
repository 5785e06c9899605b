"""A trained model at work, without a store: what `python -m koeru COMMAND` does with the file of one."""
