# syntax=docker/dockerfile:1
# The executable for Linux in a container, for what runs in a cluster: grant sync, audit.
#
#   docker build --build-arg BASE=IMAGE@sha256:DIGEST --file Dockerfile FOLDER
#
# FOLDER is an unpacked archive of a release. BASE is a distroless image with the libraries of C and C++ (its variant `cc`), by
# digest, so that the same release is the same image. Nothing is written: run it with a read-only root.
ARG BASE
# hadolint ignore=DL3006
FROM ${BASE}
COPY --chown=0:0 --chmod=0755 kubectl-mirrord /usr/local/bin/kubectl-mirrord
COPY --chown=0:0 --chmod=0644 LICENSE LICENSES.txt /usr/share/doc/kubectl-mirrord/
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/kubectl-mirrord"]
