# syntax=docker/dockerfile:1.7
# Images of the project: docs/operations/images.md has the commands, sizes, SBOM and signatures.
#   docker build --target operator    --tag dylora-operator:0.1.0 .
#   docker build --target runtime     --tag dylora-runtime:0.1.0 .
#   docker build --target runtime-cpu --tag dylora-runtime:0.1.0-cpu .
# For a rebuild that gives the same image, pin the bases by digest: --build-context sdk=docker-image://mcr.microsoft.com/dotnet/sdk@sha256:...

# All bases, which Dependabot reads here.
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS sdk
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble AS aspnet
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled AS aspnet-chiseled
FROM nvidia/cuda:12.8.1-base-ubuntu24.04 AS cuda

# Only what a restore reads, and the rules of the compiler, so that its layer lasts until a project or a version changes.
FROM sdk AS projects
WORKDIR /source
COPY .editorconfig global.json Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY src/DyLoraMoe.Api/DyLoraMoe.Api.csproj src/DyLoraMoe.Api/
COPY src/DyLoraMoe.Artifacts/DyLoraMoe.Artifacts.csproj src/DyLoraMoe.Artifacts/
COPY src/DyLoraMoe.CommandLine/DyLoraMoe.CommandLine.csproj src/DyLoraMoe.CommandLine/
COPY src/DyLoraMoe.Core/DyLoraMoe.Core.csproj src/DyLoraMoe.Core/
COPY src/DyLoraMoe.Operator/DyLoraMoe.Operator.csproj src/DyLoraMoe.Operator/
COPY src/DyLoraMoe.Router/DyLoraMoe.Router.csproj src/DyLoraMoe.Router/
COPY src/DyLoraMoe.Trainer/DyLoraMoe.Trainer.csproj src/DyLoraMoe.Trainer/
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

FROM projects AS operator-build
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages \
    dotnet restore src/DyLoraMoe.Operator --runtime linux-x64 -p:Packages=nuget
COPY eng/analyzers/ eng/analyzers/
COPY src/ src/
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages \
    dotnet publish src/DyLoraMoe.Operator --configuration Release --runtime linux-x64 --self-contained false \
    -p:Packages=nuget -p:DebugType=none --output /published

# Trainer and router share a folder: most of it is the libraries that both need. The packages put large ones together from parts, in files that their owner alone may read.
# A publish restores again: the packages lie in a mount, which may be empty where the layer of the restore is not.
FROM projects AS runtime-build
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages \
    dotnet restore src/DyLoraMoe.Trainer --runtime linux-x64 -p:Packages=nuget -p:Torch=cuda && \
    dotnet restore src/DyLoraMoe.Router --runtime linux-x64 -p:Packages=nuget -p:Torch=cuda
COPY eng/analyzers/ eng/analyzers/
COPY src/ src/
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages \
    dotnet publish src/DyLoraMoe.Trainer --configuration Release --runtime linux-x64 --self-contained false \
    -p:Packages=nuget -p:Torch=cuda -p:DebugType=none --output /published && \
    dotnet publish src/DyLoraMoe.Router --configuration Release --runtime linux-x64 --self-contained false \
    -p:Packages=nuget -p:Torch=cuda -p:DebugType=none --output /published && \
    chmod -R a+rX /published

FROM projects AS runtime-cpu-build
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages \
    dotnet restore src/DyLoraMoe.Trainer --runtime linux-x64 -p:Packages=nuget -p:Torch=cpu && \
    dotnet restore src/DyLoraMoe.Router --runtime linux-x64 -p:Packages=nuget -p:Torch=cpu
COPY eng/analyzers/ eng/analyzers/
COPY src/ src/
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages \
    dotnet publish src/DyLoraMoe.Trainer --configuration Release --runtime linux-x64 --self-contained false \
    -p:Packages=nuget -p:Torch=cpu -p:DebugType=none --output /published && \
    dotnet publish src/DyLoraMoe.Router --configuration Release --runtime linux-x64 --self-contained false \
    -p:Packages=nuget -p:Torch=cpu -p:DebugType=none --output /published && \
    chmod -R a+rX /published

# No shell, no package manager, no root.
FROM aspnet-chiseled AS operator
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dylora-operator" \
      org.opencontainers.image.description="The operator of DyLoRA-MoE: decides what is learnt and what is served." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Schedules have time zones, which the base has not.
COPY --from=operator-build /usr/share/zoneinfo/ /usr/share/zoneinfo/
COPY --from=operator-build /published/ /app/
ENV PATH=/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /app
USER 65532:65532
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=6 CMD ["dylora-operator", "probe", "http://127.0.0.1:8081/healthz"]
ENTRYPOINT ["dylora-operator"]

# Jobs and routers on nodes without a GPU. Kubernetes probes the router over HTTP; a job is done when its process ends.
FROM aspnet AS runtime-cpu
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dylora-runtime" \
      org.opencontainers.image.description="Jobs and routers of DyLoRA-MoE, for processors." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=runtime-cpu-build /published/ /app/
COPY models/ /opt/dylora/models/
ENV PATH=/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DYLORA_MODELS=/opt/dylora/models
WORKDIR /tmp
USER 65532:65532
EXPOSE 8080
HEALTHCHECK NONE
CMD ["dylora", "--help"]

# Jobs and routers on NVIDIA GPUs. libtorch brings its CUDA libraries; the driver comes from the node. A pod sees the GPUs that it asks for, none without: who gives it some names them.
FROM cuda AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dylora-runtime" \
      org.opencontainers.image.description="Jobs and routers of DyLoRA-MoE, for NVIDIA GPUs." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN apt-get update && \
    apt-get install --yes --no-install-recommends ca-certificates libssl3t64 && \
    rm -rf /var/lib/apt/lists/*
# The framework without a second distribution: both bases are Ubuntu 24.04.
COPY --from=aspnet /usr/share/dotnet/ /usr/share/dotnet/
COPY --from=runtime-build /published/ /app/
COPY models/ /opt/dylora/models/
ENV PATH=/app:/usr/share/dotnet:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DOTNET_ROOT=/usr/share/dotnet \
    DYLORA_MODELS=/opt/dylora/models \
    NVIDIA_VISIBLE_DEVICES=void \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
WORKDIR /tmp
USER 65532:65532
EXPOSE 8080
HEALTHCHECK NONE
CMD ["dylora", "--help"]
