"""The note model: its data, network, training, export and scores. See training/README.md."""
