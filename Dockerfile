FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
RUN python -m venv --without-pip /opt/spectra
# `run` holds what the emulator needs, `servers` also the drivers for a real Redshift and for state in PostgreSQL.
ARG REQUIREMENTS=run
COPY requirements/run.lock requirements/servers.lock requirements/
RUN pip --python /opt/spectra/bin/python install --require-hashes --requirement requirements/${REQUIREMENTS}.lock
COPY pyproject.toml README.md LICENSE openapi.yaml ./
COPY fixtures fixtures
COPY emulator emulator
RUN pip --python /opt/spectra/bin/python wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && pip --python /opt/spectra/bin/python install --no-deps --no-index dist/*.whl

FROM python:3.11-slim
LABEL org.opencontainers.image.title="spectra-emulator" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 8439 --create-home spectra && install --directory --owner=spectra --group=spectra /data
COPY --from=build /opt/spectra /opt/spectra
ENV PATH=/opt/spectra/bin:$PATH SPECTRA_HOST=0.0.0.0 SPECTRA_PORT=8439
USER 8439:8439
WORKDIR /home/spectra
EXPOSE 8439
# No proxy lies between the server and itself, whatever HTTP_PROXY says.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"SPECTRA_PORT\"]}/health', timeout=2)"]
ENTRYPOINT ["spectra-emulator"]
CMD ["serve"]
