# One image for every process of Upstream; docker-compose.yml says which runs what.

# Styles and scripts, compiled with the Node that they are made with elsewhere too.
FROM node:22-bookworm-slim AS front-end
WORKDIR /upstream
COPY package.json package-lock.json .npmrc ./
COPY assets assets
RUN sh assets/build.sh

# Python's packages, each held to its hash, in an environment that is copied whole.
FROM python:3.13-slim-bookworm AS packages
COPY requirements.txt /
RUN python -m venv /packages \
    && /packages/bin/pip install --no-cache-dir --require-hashes --requirement /requirements.txt

FROM python:3.13-slim-bookworm
# pg_dump and pg_restore, for backups; of the same release as the database in docker-compose.yml.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/upstream --create-home upstream
ENV PATH=/packages/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    UPSTREAM_VAR=/var/lib/upstream
COPY --from=packages /packages /packages
WORKDIR /upstream
COPY . .
COPY --from=front-end /upstream/static/build static/build
USER 10001
VOLUME /var/lib/upstream
EXPOSE 8000
# At any host name, and without asking the database: see docs/running.md.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]
