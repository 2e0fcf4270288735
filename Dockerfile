# syntax=docker/dockerfile:1
FROM node:22-slim AS ui
WORKDIR /src/web/ui
COPY web/ui/package.json web/ui/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY web/ui ./
RUN node build.mjs

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/mingtang
COPY requirements.lock /src/
RUN /opt/mingtang/bin/pip install --require-hashes -r /src/requirements.lock
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY engine engine
COPY forms forms
COPY processes processes
COPY web web
COPY --from=ui /src/web/static/build web/static/build
RUN /opt/mingtang/bin/pip install --no-deps .

FROM python:3.12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/mingtang mingtang
COPY --from=build /opt/mingtang /opt/mingtang
ENV PATH=/opt/mingtang/bin:$PATH PYTHONUNBUFFERED=1 MINGTANG_VAR=/var/lib/mingtang MINGTANG_BIND=0.0.0.0:8000
USER mingtang
WORKDIR /var/lib/mingtang
VOLUME /var/lib/mingtang
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["mingtang"]
CMD ["serve"]
