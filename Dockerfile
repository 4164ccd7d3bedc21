# An image of the archive that "npm run package" makes. After it, for the machine's own architecture or with buildx for both:
#   docker build -t lbctl .
# How to run it: docs/containers.md.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS unpacked
ARG VERSION=0.1.0
ARG TARGETARCH=amd64
ADD dist/lbctl-${VERSION}-linux-${TARGETARCH}.tar.gz /
RUN mv /lbctl-${VERSION}-linux-${TARGETARCH} /lbctl

FROM ${BASE}
# What would differ from one build to the next goes: logs, the inode numbers in ldconfig's cache, the day of useradd in /etc/shadow.
# tini is process 1 and reaps what scripts leave behind; nft is for nftables_ipvs and no_accept; setcap gives keep-capabilities
# what it may pass on.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libcap2-bin libstdc++6 nftables tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*.log /var/log/apt /var/cache/ldconfig/aux-cache
COPY --from=unpacked /lbctl/ /usr/
RUN setcap cap_net_admin,cap_net_raw,cap_net_bind_service,cap_sys_nice,cap_ipc_lock=p /usr/lib/lbctl/keep-capabilities \
 && groupadd --gid 10179 lbctl \
 && useradd --uid 10179 --gid 10179 --home-dir /var/lib/lbctl --no-create-home --shell /usr/sbin/nologin lbctl \
 && sed -i 's/^\(lbctl:[^:]*\):[0-9]*:/\1:20000:/' /etc/shadow \
 && install -d -o 10179 -g 10179 -m 755 /etc/lbctl /run/lbctl /var/lib/lbctl /var/cache/lbctl \
 && NODE_DISABLE_COMPILE_CACHE=1 lbctl --version

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="lbctl" \
      org.opencontainers.image.description="Health-checking Layer-4 load-balancer controller for Linux IPVS, in keepalived's vocabulary" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"

# Where every user finds the same run directory, state and compile cache: "docker exec" as root speaks with the daemon.
ENV XDG_RUNTIME_DIR=/run \
    XDG_STATE_HOME=/var/lib \
    NODE_COMPILE_CACHE=/var/cache/lbctl
VOLUME ["/var/lib/lbctl"]
USER 10179:10179
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["/usr/bin/lbctl", "status", "--json"]
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/lib/lbctl/keep-capabilities", "/usr/bin/lbctl"]
CMD ["run", "-f", "/etc/lbctl/lbctl.yaml", "--log", "console"]
